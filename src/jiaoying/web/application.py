"""The web process: every address on one page, and what happens to every request."""

import asyncio

from aiohttp import web

from jiaoying.web import api, calendar_feed, health, link_page, live, sign_in, static_files
from jiaoying.web.callbacks import twilio
from jiaoying.web.console import (
    alarms,
    broadcasts,
    by_hand,
    call_outs,
    cap,
    demonstrations,
    doors,
    doubts,
    drills,
    feedback,
    forecasts,
    gaps,
    imports,
    ladder_rules,
    ladder_trials,
    ladders,
    ledger,
    log_forms,
    numbers,
    people,
    points,
    posts,
    replays,
    responses,
    roster,
    roster_files,
    sources,
    stations,
    steering,
    warnings,
    wordings,
)
from jiaoying.web.context import PAGES, PARTS, needs
from jiaoying.web.duty_routes import duty_routes
from jiaoying.web.middlewares import (
    UPLOAD_PATH,
    add_security_headers,
    know_who_asks,
    speak_their_language,
    tell_errors,
)
from jiaoying.web.pages import Pages
from jiaoying.web.parts import WebParts
from jiaoying.web.roles import May
from jiaoying.web.sharing import SHARED, SharedParts

# The largest form is a pasted bulletin, nine bytes a sign; the API reads large warnings by its own measure.
LARGEST_FORM_BYTES = 512 * 1024
SHUTDOWN_S = 5.0
_ID = "{id:[0-9a-f-]{36}}"


def build_application(parts: WebParts) -> web.Application:
    """Everything that answers over HTTP."""
    application = web.Application(
        middlewares=[speak_their_language, tell_errors, know_who_asks], client_max_size=LARGEST_FORM_BYTES
    )
    application[PARTS] = parts
    application[PAGES] = Pages(parts)
    application[sign_in.THROTTLE] = sign_in.Throttle()
    application[live.CHANGES] = live.Changes(parts.database)
    application[SHARED] = SharedParts()
    application[link_page.BOUNDS] = link_page.Bounds()
    application[log_forms.UPLOADS] = asyncio.Semaphore(log_forms.FORMS_AT_ONCE)
    application[live.ENDING] = asyncio.Event()
    application.on_response_prepare.append(add_security_headers)
    application.on_shutdown.append(live.end_streams)
    application.router.add_routes(
        [
            *_console_routes(),
            *_roster_routes(),
            *_ladder_routes(),
            *_response_routes(),
            *duty_routes(),
            *api.routes(parts),
            *twilio.routes(parts),
            *health.routes(parts),
        ]
    )
    return application


def build_runner(application: web.Application) -> web.AppRunner:
    """Serves `application`. A caller that hangs up does not stop what their request began."""
    return web.AppRunner(
        application, handler_cancellation=False, access_log=None, shutdown_timeout=SHUTDOWN_S
    )


def _console_routes() -> list[web.AbstractRouteDef]:
    return [
        web.get("/sign-in", sign_in.show_sign_in),
        web.post("/sign-in", sign_in.sign_in),
        web.post("/sign-out", sign_in.sign_out),
        web.get("/live", needs(May.WATCH, live.stream_changes)),
        web.get("/static/{name}", static_files.serve_asset),
        web.get("/", warnings.front_page),
        web.get("/warnings", needs(May.WATCH, warnings.show_warnings)),
        web.get("/warnings/list", needs(May.WATCH, warnings.show_warnings_part)),
        web.get(f"/warnings/{_ID}", needs(May.WATCH, warnings.show_warning)),
        web.get(f"/warnings/{_ID}/board", needs(May.WATCH, warnings.show_warning_part)),
        web.get(f"/warnings/{_ID}/cap", needs(May.WATCH, cap.download)),
        web.get(f"/warnings/{_ID}/people", needs(May.WATCH, warnings.show_people)),
        web.get(f"/warnings/{_ID}/stand-down", needs(May.STAND_DOWN, warnings.ask_stand_down)),
        web.post(f"/warnings/{_ID}/stand-down", needs(May.STAND_DOWN, warnings.stand_down)),
        web.get(f"/warnings/{_ID}/score", needs(May.WATCH, drills.show_score)),
        web.get(f"/warnings/{_ID}/score.xlsx", needs(May.WATCH, drills.download_score)),
        web.get("/drills", needs(May.WATCH, drills.show_drills)),
        web.post("/drills", needs(May.WRITE_WARNINGS, drills.begin)),
        web.get("/paused", needs(May.WATCH, steering.show_paused)),
        web.get(f"/warnings/{_ID}/steer", needs(May.WATCH, steering.ask)),
        web.post(f"/warnings/{_ID}/stop", needs(May.STEER, steering.stop)),
        web.post(f"/warnings/{_ID}/call-again", needs(May.STEER, steering.again)),
        web.post(f"/warnings/{_ID}/pause", needs(May.STEER, steering.pause)),
        web.post(f"/warnings/{_ID}/resume", needs(May.STEER, steering.resume)),
        web.get(f"/warnings/{_ID}/correct", needs(May.STEER, steering.ask_correction)),
        web.post(f"/warnings/{_ID}/correct", needs(May.STEER, steering.send_correction)),
        web.get(f"/warnings/{_ID}/decide", needs(May.WATCH, warnings.ask_decision)),
        web.post(f"/warnings/{_ID}/start", needs(May.START, warnings.start)),
        web.get(f"/warnings/{_ID}/release", needs(May.START, warnings.ask_release)),
        web.post(f"/warnings/{_ID}/release", needs(May.START, warnings.release)),
        web.get(f"/warnings/{_ID}/broadcast", needs(May.LOG_ANSWERS, broadcasts.ask_broadcast)),
        web.post(f"/warnings/{_ID}/broadcast", needs(May.LOG_ANSWERS, broadcasts.log)),
        web.post(f"/warnings/{_ID}/settle", needs(May.WRITE_WARNINGS, by_hand.settle)),
        web.get("/by-hand", needs(May.WRITE_WARNINGS, by_hand.show_start)),
        web.post("/by-hand", needs(May.WRITE_WARNINGS, by_hand.write)),
        web.post("/by-hand/paste", needs(May.WRITE_WARNINGS, by_hand.paste)),
        web.get("/by-hand/areas", needs(May.WRITE_WARNINGS, by_hand.show_areas)),
        web.get(f"/by-hand/{_ID}", needs(May.WRITE_WARNINGS, by_hand.show_draft)),
        web.post(f"/by-hand/{_ID}", needs(May.WRITE_WARNINGS, by_hand.change)),
        web.post(f"/by-hand/{_ID}/confirm", needs(May.WRITE_WARNINGS, by_hand.confirm)),
        web.post(f"/by-hand/{_ID}/discard", needs(May.WRITE_WARNINGS, by_hand.discard)),
        web.get(f"/warnings/{_ID}/ledger.{{kind}}", needs(May.EXPORT_LEDGER, ledger.download)),
        web.get(f"/call-outs/{_ID}", needs(May.WATCH, call_outs.show_history)),
        web.get(f"/call-outs/{_ID}/history", needs(May.WATCH, call_outs.show_history_part)),
        web.get(f"/call-outs/{_ID}/card", needs(May.WATCH, call_outs.show_card)),
        web.post(f"/call-outs/{_ID}/numbers", needs(May.SHOW_NUMBERS, call_outs.show_numbers)),
        web.post(f"/call-outs/{_ID}/answer", needs(May.LOG_ANSWERS, call_outs.log_answer)),
        web.get(f"/call-outs/{_ID}/door", needs(May.LOG_ANSWERS, doors.show_walkers)),
        web.post(f"/call-outs/{_ID}/door", needs(May.LOG_ANSWERS, doors.send_walker)),
        web.post(f"/door-tasks/{_ID}", needs(May.LOG_ANSWERS, doors.log_walk)),
        web.get(f"/photos/{_ID}", needs(May.WATCH, link_page.download_photo)),
        web.get(f"/calendar/people/{_ID}/{{token}}.ics", calendar_feed.of_person),
        web.get(f"/calendar/desks/{_ID}/{{token}}.ics", calendar_feed.of_desk),
        web.get("/a/{token}", link_page.show_link),
        web.post("/a/{token}", link_page.answer_by_link),
        web.post(f"/call-outs/{_ID}/report", needs(May.LOG_ANSWERS, feedback.log_report)),
        web.get(f"/warnings/{_ID}/feedback/{{area}}", needs(May.WATCH, feedback.show_place)),
        web.post(f"/warnings/{_ID}/feedback/{{area}}", needs(May.LOG_ANSWERS, feedback.correct)),
        web.post(f"/call-outs/{_ID}/stop", needs(May.STEER, steering.stop_one)),
        web.post(f"/call-outs/{_ID}/call-again", needs(May.STEER, steering.again_one)),
        web.post(f"/call-outs/{_ID}/next", needs(May.STEER, steering.next_one)),
        web.get("/alarms", needs(May.WATCH, alarms.show_alarms)),
        web.get("/alarms/list", needs(May.WATCH, alarms.show_alarms_part)),
        web.post(f"/alarms/{_ID}/clear", needs(May.CLEAR_ALARMS, alarms.clear)),
        web.post(f"/messages/{_ID}/number", needs(May.SHOW_NUMBERS, alarms.show_stranger)),
        web.get("/roster", needs(May.READ_ROSTER, roster.show_roster)),
        web.get("/gaps", needs(May.READ_ROSTER, gaps.show_gaps)),
        web.get("/gaps.xlsx", needs(May.READ_ROSTER, gaps.download_gaps)),
        web.get("/numbers", needs(May.READ_ROSTER, numbers.show_numbers)),
        web.get("/numbers/list", needs(May.READ_ROSTER, numbers.show_numbers_part)),
        web.get("/forecasts", needs(May.WATCH, forecasts.show_forecasts)),
        web.get("/sources", needs(May.WATCH, sources.show_sources)),
        web.get("/sources/list", needs(May.WATCH, sources.show_sources_part)),
        web.get("/sources/new", needs(May.EDIT_SOURCES, sources.ask_new)),
        web.post("/sources", needs(May.EDIT_SOURCES, sources.add)),
        web.get(f"/sources/{_ID}", needs(May.WATCH, sources.show_source)),
        web.get(f"/sources/{_ID}/state", needs(May.WATCH, sources.show_source_part)),
        web.post(f"/sources/{_ID}", needs(May.EDIT_SOURCES, sources.save)),
        web.post(f"/sources/{_ID}/switch", needs(May.EDIT_SOURCES, sources.switch)),
        web.post(f"/sources/{_ID}/ask", needs(May.EDIT_SOURCES, sources.ask_now)),
        web.post(f"/sources/{_ID}/secret", needs(May.EDIT_SOURCES, sources.renew_secret)),
        web.get(f"/sources/{_ID}/received", needs(May.READ_RECEIVED, sources.show_received)),
        web.get("/received", needs(May.READ_RECEIVED, sources.show_all_received)),
        web.get(f"/received/{_ID}", needs(May.READ_RECEIVED, sources.show_message)),
        web.get(f"/received/{_ID}/bytes", needs(May.READ_RECEIVED, sources.download_message)),
        web.get("/stations", needs(May.WATCH, stations.show_stations)),
        web.get("/stations/list", needs(May.WATCH, stations.show_stations_part)),
        web.get("/wordings", needs(May.WATCH, wordings.show_wordings)),
        web.get("/wordings/edit", needs(May.WATCH, wordings.show_wording)),
        web.post("/wordings/try", needs(May.EDIT_WORDINGS, wordings.try_wording)),
        web.post("/wordings/save", needs(May.EDIT_WORDINGS, wordings.save)),
        web.post("/wordings/back", needs(May.EDIT_WORDINGS, wordings.put_back)),
        web.post("/demonstrations", needs(May.SEND_DEMONSTRATIONS, demonstrations.send)),
    ]


def _response_routes() -> list[web.AbstractRouteDef]:
    return [
        web.get("/responses", needs(May.WATCH, responses.show_responses)),
        web.get("/responses/list", needs(May.WATCH, responses.show_responses_part)),
        web.get("/responses/new", needs(May.RESPOND, responses.ask_new)),
        web.post("/responses", needs(May.RESPOND, responses.open_new)),
        web.get(f"/responses/{_ID}", needs(May.WATCH, responses.show_response)),
        web.get(f"/responses/{_ID}/board", needs(May.WATCH, responses.show_response_part)),
        web.get(f"/responses/{_ID}/level", needs(May.RESPOND, responses.ask_level)),
        web.post(f"/responses/{_ID}/level", needs(May.RESPOND, responses.change_level)),
        web.get(f"/responses/{_ID}/end", needs(May.RESPOND, responses.ask_end)),
        web.post(f"/responses/{_ID}/end", needs(May.RESPOND, responses.end)),
        web.get(f"/responses/{_ID}/order", needs(May.RESPOND, responses.ask_order)),
        web.post(f"/responses/{_ID}/order", needs(May.RESPOND, responses.order)),
        web.get(f"/responses/{_ID}/tasks.xlsx", needs(May.EXPORT_LEDGER, responses.download)),
        web.get(f"/tasks/{_ID}", needs(May.WATCH, responses.show_task)),
        web.post(f"/tasks/{_ID}/report", needs(May.LOG_ANSWERS, responses.report)),
        web.post(f"/tasks/{_ID}/lift", needs(May.RESPOND, responses.lift)),
    ]


def _roster_routes() -> list[web.AbstractRouteDef]:
    return [
        web.get("/contacts/new", needs(May.EDIT_ROSTER, people.ask_new)),
        web.post("/contacts", needs(May.EDIT_ROSTER, people.add)),
        web.get(f"/contacts/{_ID}", needs(May.READ_ROSTER, people.show_person)),
        web.post(f"/contacts/{_ID}", needs(May.EDIT_ROSTER, people.change)),
        web.post(f"/contacts/{_ID}/numbers", needs(May.EDIT_ROSTER, people.change_numbers)),
        web.post(f"/contacts/{_ID}/reveal", needs(May.SHOW_NUMBERS, people.reveal)),
        web.post(f"/contacts/{_ID}/leave", needs(May.EDIT_ROSTER, people.leave)),
        web.post(f"/contacts/{_ID}/erase", needs(May.EDIT_ROSTER, people.erase)),
        web.get("/posts/new", needs(May.EDIT_ROSTER, posts.ask_new)),
        web.post("/posts", needs(May.EDIT_ROSTER, posts.add)),
        web.get(f"/posts/{_ID}", needs(May.READ_ROSTER, posts.show_post)),
        web.post(f"/posts/{_ID}", needs(May.EDIT_ROSTER, posts.change)),
        web.get(f"/posts/{_ID}/appoint", needs(May.EDIT_ROSTER, posts.ask_appoint)),
        web.post(f"/posts/{_ID}/appoint", needs(May.EDIT_ROSTER, posts.give)),
        web.post(f"/posts/{_ID}/end", needs(May.EDIT_ROSTER, posts.end)),
        web.get("/danger-points", needs(May.READ_ROSTER, points.show_points)),
        web.get("/danger-points/new", needs(May.EDIT_ROSTER, points.ask_new)),
        web.post("/danger-points", needs(May.EDIT_ROSTER, points.add)),
        web.get(f"/danger-points/{_ID}", needs(May.READ_ROSTER, points.show_point)),
        web.post(f"/danger-points/{_ID}", needs(May.EDIT_ROSTER, points.change)),
        web.post(f"/danger-points/{_ID}/households", needs(May.EDIT_ROSTER, points.change_households)),
        web.post(f"/danger-points/{_ID}/retire", needs(May.EDIT_ROSTER, points.retire)),
        web.get("/roster/imports", needs(May.EDIT_ROSTER, imports.show_imports)),
        web.post(UPLOAD_PATH, needs(May.EDIT_ROSTER, imports.upload)),
        web.get(f"/roster/imports/{_ID}", needs(May.EDIT_ROSTER, imports.show_import)),
        web.get(
            f"/roster/imports/{_ID}/complaints.xlsx", needs(May.EDIT_ROSTER, imports.download_complaints)
        ),
        web.post(f"/roster/imports/{_ID}/apply", needs(May.EDIT_ROSTER, imports.apply)),
        web.post(f"/roster/imports/{_ID}/undo", needs(May.EDIT_ROSTER, imports.undo)),
        web.post(f"/roster/imports/{_ID}/discard", needs(May.EDIT_ROSTER, imports.discard)),
        web.get("/roster/templates/{kind}.xlsx", needs(May.EDIT_ROSTER, roster_files.download_template)),
        web.get("/roster/export", needs(May.EXPORT_ROSTER, roster_files.ask_export)),
        web.post("/roster/export", needs(May.EXPORT_ROSTER, roster_files.export)),
        web.get("/roster/doubts", needs(May.EDIT_ROSTER, doubts.show_doubts)),
        web.post(f"/roster/doubts/{_ID}", needs(May.EDIT_ROSTER, doubts.settle)),
    ]


def _ladder_routes() -> list[web.AbstractRouteDef]:
    return [
        web.get("/ladders", needs(May.READ_LADDERS, ladders.show_ladders)),
        web.post("/ladders", needs(May.EDIT_LADDERS, ladders.save)),
        web.get("/ladders/ladders.yaml", needs(May.READ_LADDERS, ladders.download)),
        web.get(r"/ladders/versions/{version:\d{1,6}}", needs(May.READ_LADDERS, ladders.show_version)),
        web.get("/ladders/draft", needs(May.EDIT_LADDERS, ladders.show_draft)),
        web.post("/ladders/draft", needs(May.EDIT_LADDERS, ladders.look_over)),
        web.get(r"/ladders/rules/{number:\d{1,4}}", needs(May.EDIT_LADDERS, ladder_rules.show_rule)),
        web.post(r"/ladders/rules/{number:\d{1,4}}", needs(May.EDIT_LADDERS, ladder_rules.change_rule)),
        web.post(r"/ladders/rules/{number:\d{1,4}}/open", needs(May.EDIT_LADDERS, ladder_rules.open_rule)),
        web.post("/ladders/trials", needs(May.EDIT_LADDERS, ladder_trials.begin)),
        web.get(f"/ladders/trials/{_ID}", needs(May.READ_LADDERS, ladder_trials.show_trial)),
        web.post(f"/ladders/trials/{_ID}/next", needs(May.EDIT_LADDERS, ladder_trials.go_on)),
        web.get(f"/warnings/{_ID}/replay", needs(May.READ_LADDERS, replays.show_replay)),
        web.get(f"/by-hand/{_ID}/people", needs(May.WRITE_WARNINGS, replays.show_draft_people)),
    ]
