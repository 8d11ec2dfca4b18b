"""The addresses of the duty desk's pages, each with who may see it."""

from aiohttp import web

from jiaoying.web.console import (
    consultations,
    daily,
    duty_log,
    handover,
    incident_forms,
    incident_reports,
    incident_rules,
    incident_sending,
    incidents,
    letter_form,
    letters,
    log_files,
    log_sheets,
    roll_calls,
    rota,
    rota_filling,
    rota_leaves,
    rota_month,
    rota_rules,
    rota_shifts,
    routine_rules,
    routines,
)
from jiaoying.web.context import needs
from jiaoying.web.roles import May

_ID = "{id:[0-9a-f-]{36}}"


def duty_routes() -> list[web.AbstractRouteDef]:
    """Rota, shift change, duty log, roll calls, daily dispatch, incidents, periodic duties, letters."""
    return [
        *_rota_routes(),
        *_handover_routes(),
        *_log_routes(),
        *_roll_call_routes(),
        *_daily_routes(),
        *_incident_routes(),
        *_routine_routes(),
        *_letter_routes(),
    ]


def _rota_routes() -> list[web.AbstractRouteDef]:
    return [
        web.get("/duty", needs(May.WATCH, rota.show_desks)),
        web.get("/duty/leaves", needs(May.EDIT_ROTA, rota_leaves.show_leaves)),
        web.post("/duty/leaves", needs(May.EDIT_ROTA, rota_leaves.note_leave)),
        web.post(f"/duty/leaves/{_ID}/end", needs(May.EDIT_ROTA, rota_leaves.end_leave)),
        web.get("/duty/days", needs(May.EDIT_ROTA, rota_leaves.show_days)),
        web.post("/duty/sensitive-days", needs(May.EDIT_ROTA, rota_leaves.name_days)),
        web.post(f"/duty/sensitive-days/{_ID}/end", needs(May.EDIT_ROTA, rota_leaves.end_days)),
        web.post("/duty/meant-gaps", needs(May.EDIT_ROTA, rota_leaves.mean_gap)),
        web.post(f"/duty/meant-gaps/{_ID}/end", needs(May.EDIT_ROTA, rota_leaves.end_gap)),
        web.get(f"/duty/{_ID}", needs(May.WATCH, rota_month.show_month)),
        web.get(f"/duty/{_ID}/month.xlsx", needs(May.WATCH, rota_month.download)),
        web.get(f"/duty/{_ID}/fill", needs(May.EDIT_ROTA, rota_filling.show_draft)),
        web.post(f"/duty/{_ID}/fill", needs(May.EDIT_ROTA, rota_filling.fill)),
        web.get(f"/duty/{_ID}/rule", needs(May.EDIT_ROTA, rota_rules.show_rule)),
        web.post(f"/duty/{_ID}/rule", needs(May.EDIT_ROTA, rota_rules.set_rule)),
        web.get(f"/duty/shifts/{_ID}", needs(May.WATCH, rota_shifts.show_card)),
        web.post(f"/duty/shifts/{_ID}/put-in", needs(May.EDIT_ROTA, rota_shifts.put_in)),
        web.post(f"/duty/shifts/{_ID}/swap", needs(May.EDIT_ROTA, rota_shifts.ask_swap)),
        web.post(f"/duty/changes/{_ID}/undo", needs(May.EDIT_ROTA, rota_shifts.undo)),
        web.post(f"/duty/swaps/{_ID}/agree", needs(May.AGREE_TO_SWAPS, rota.agree)),
        web.post(f"/duty/swaps/{_ID}/end", needs(May.EDIT_ROTA, rota.end_request)),
    ]


def _handover_routes() -> list[web.AbstractRouteDef]:
    at = rf"/duty/{_ID}/handovers/{_ID.replace('id', 'handover', 1)}"
    return [
        web.get(f"/duty/{_ID}/handover", needs(May.WATCH, handover.show)),
        web.post(
            rf"/duty/{_ID}/shifts/{_ID.replace('id', 'shift', 1)}/sign-on",
            needs(May.LOG_ANSWERS, handover.note_sign_on),
        ),
        web.post(f"{at}/note", needs(May.LOG_ANSWERS, handover.write_note)),
        web.post(f"{at}/items", needs(May.LOG_ANSWERS, handover.add_item)),
        web.post(f"{at}/hand", needs(May.LOG_ANSWERS, handover.hand_over)),
        web.post(f"{at}/take", needs(May.LOG_ANSWERS, handover.decide)),
        web.post(f"{at}/refuse", needs(May.LOG_ANSWERS, handover.refuse_item)),
        web.post(f"{at}/send-back", needs(May.LOG_ANSWERS, handover.send_back)),
    ]


def _log_routes() -> list[web.AbstractRouteDef]:
    return [
        web.get(f"/duty/{_ID}/log", needs(May.WATCH, duty_log.show_log)),
        web.post(f"/duty/{_ID}/log", needs(May.LOG_ANSWERS, duty_log.write)),
        web.get(f"/duty/{_ID}/log.{{ending:xlsx|docx}}", needs(May.WATCH, log_sheets.download_day)),
        web.get(f"/duty/{_ID}/log-month.{{ending:xlsx|docx}}", needs(May.WATCH, log_sheets.download_month)),
        web.get(f"/duty/log/{_ID}", needs(May.WATCH, duty_log.show_entry)),
        web.post(f"/duty/log/{_ID}", needs(May.LOG_ANSWERS, duty_log.correct)),
        web.get(f"/duty/log/files/{_ID}", needs(May.WATCH, log_files.download)),
        web.get("/duty/consultations/new", needs(May.LOG_ANSWERS, consultations.ask)),
        web.post("/duty/consultations", needs(May.LOG_ANSWERS, consultations.write)),
    ]


def _roll_call_routes() -> list[web.AbstractRouteDef]:
    return [
        web.get("/roll-calls", needs(May.WATCH, roll_calls.show_roll_calls)),
        web.get("/roll-calls/list", needs(May.WATCH, roll_calls.show_roll_calls_part)),
        web.post("/roll-calls", needs(May.CALL_DESKS, roll_calls.begin)),
        web.get("/roll-calls/month", needs(May.WATCH, roll_calls.show_month)),
        web.get("/roll-calls/month.xlsx", needs(May.WATCH, roll_calls.download_month)),
        web.post("/roll-calls/plans", needs(May.CALL_DESKS, roll_calls.plan)),
        web.post(f"/roll-calls/plans/{_ID}/end", needs(May.CALL_DESKS, roll_calls.end_plan)),
        web.get(f"/roll-calls/{_ID}", needs(May.WATCH, roll_calls.show_roll_call)),
        web.get(f"/roll-calls/{_ID}/board", needs(May.WATCH, roll_calls.show_roll_call_part)),
        web.post(f"/roll-calls/{_ID}/stop", needs(May.CALL_DESKS, roll_calls.stop)),
        web.post(f"/roll-calls/{_ID}/mark", needs(May.CALL_DESKS, roll_calls.mark)),
    ]


def _daily_routes() -> list[web.AbstractRouteDef]:
    desk = f"/daily/{_ID}/desks/{{desk:[0-9a-f-]{{36}}}}"
    return [
        web.get("/daily", needs(May.WATCH, daily.show_daily)),
        web.get("/daily/list", needs(May.WATCH, daily.show_daily_part)),
        web.post("/daily/plans", needs(May.CALL_DESKS, daily.plan)),
        web.post(f"/daily/plans/{_ID}/end", needs(May.CALL_DESKS, daily.end_plan)),
        web.get(f"/daily/{_ID}", needs(May.WATCH, daily.show_round)),
        web.get(f"/daily/{_ID}/board", needs(May.WATCH, daily.show_round_part)),
        web.get(f"/daily/{_ID}/summary.xlsx", needs(May.WATCH, daily.download_round)),
        web.get(desk, needs(May.WATCH, daily.show_desk)),
        web.post(desk, needs(May.CALL_DESKS, daily.file)),
    ]


def _incident_routes() -> list[web.AbstractRouteDef]:
    return [
        web.get("/incidents", needs(May.WATCH, incidents.show_incidents)),
        web.get("/incidents/list", needs(May.WATCH, incidents.show_incidents_part)),
        web.get("/incidents/new", needs(May.WRITE_INCIDENTS, incident_forms.ask_new)),
        web.post("/incidents", needs(May.WRITE_INCIDENTS, incident_forms.take_in)),
        web.get("/incidents/rules", needs(May.WATCH, incident_rules.show_rules)),
        web.post("/incidents/rules", needs(May.EDIT_REPORT_RULES, incident_rules.save)),
        web.get("/incidents/rules/rules.yaml", needs(May.WATCH, incident_rules.download)),
        web.get("/incidents/rules/draft", needs(May.EDIT_REPORT_RULES, incident_rules.show_draft)),
        web.post("/incidents/rules/draft", needs(May.EDIT_REPORT_RULES, incident_rules.look_over)),
        web.get(f"/incidents/{_ID}", needs(May.WATCH, incidents.show_incident)),
        web.get(f"/incidents/{_ID}/board", needs(May.WATCH, incidents.show_incident_part)),
        web.get(f"/incidents/{_ID}/chain.docx", needs(May.EXPORT_LEDGER, incident_reports.download_chain)),
        web.get(f"/incidents/{_ID}/report", needs(May.WRITE_INCIDENTS, incident_forms.ask_report)),
        web.post(f"/incidents/{_ID}/reports", needs(May.WRITE_INCIDENTS, incident_forms.report_on)),
        web.get(f"/incidents/{_ID}/send", needs(May.WRITE_INCIDENTS, incident_sending.ask_sending)),
        web.post(f"/incidents/{_ID}/sent", needs(May.WRITE_INCIDENTS, incident_sending.note_sent)),
        web.get(f"/incidents/reports/{_ID}", needs(May.WATCH, incident_reports.show_report)),
        web.get(
            f"/incidents/reports/{_ID}/report.docx",
            needs(May.EXPORT_LEDGER, incident_reports.download_report),
        ),
        web.post(f"/incidents/reports/{_ID}/sign", needs(May.SIGN_REPORTS, incident_reports.sign)),
        web.post(
            f"/incidents/reports/{_ID}/signed", needs(May.WRITE_INCIDENTS, incident_reports.note_signed)
        ),
        web.post(f"/incidents/reports/{_ID}/return", needs(May.WRITE_INCIDENTS, incident_reports.send_back)),
        web.get(f"/incidents/obligations/{_ID}", needs(May.WATCH, incident_sending.show_obligation)),
        web.post(f"/incidents/obligations/{_ID}/lift", needs(May.WRITE_INCIDENTS, incident_sending.lift)),
        web.get(f"/incidents/sendings/{_ID}", needs(May.WATCH, incident_sending.show_sending)),
        web.post(
            f"/incidents/sendings/{_ID}/receipt", needs(May.WRITE_INCIDENTS, incident_sending.note_receipt)
        ),
        web.post(
            f"/incidents/sendings/{_ID}/take-back", needs(May.WRITE_INCIDENTS, incident_sending.take_back)
        ),
    ]


def _routine_routes() -> list[web.AbstractRouteDef]:
    return [
        web.get("/routines", needs(May.WATCH, routines.show_routines)),
        web.post("/routines", needs(May.KEEP_ROUTINES, routine_rules.add)),
        web.get("/routines/new", needs(May.KEEP_ROUTINES, routine_rules.ask_new)),
        web.get("/routines/year", needs(May.WATCH, routines.show_year)),
        web.get("/routines/year.xlsx", needs(May.WATCH, routines.download_year)),
        web.get(f"/routines/{_ID}", needs(May.WATCH, routine_rules.show_routine)),
        web.post(f"/routines/{_ID}", needs(May.KEEP_ROUTINES, routine_rules.change)),
        web.post(f"/routines/{_ID}/end", needs(May.KEEP_ROUTINES, routine_rules.end)),
        web.get(f"/routines/occurrences/{_ID}", needs(May.WATCH, routines.show_occurrence)),
        web.post(f"/routines/occurrences/{_ID}/done", needs(May.KEEP_ROUTINES, routines.note_done)),
        web.post(f"/routines/occurrences/{_ID}/skip", needs(May.KEEP_ROUTINES, routines.skip)),
        web.post(f"/routines/occurrences/{_ID}/reopen", needs(May.KEEP_ROUTINES, routines.take_back)),
    ]


def _letter_routes() -> list[web.AbstractRouteDef]:
    return [
        web.get("/letters", needs(May.WATCH, letters.show_letters)),
        web.post("/letters", needs(May.WRITE_LETTERS, letter_form.write)),
        web.get("/letters/new", needs(May.WRITE_LETTERS, letter_form.ask_new)),
        web.get(f"/letters/{_ID}", needs(May.WATCH, letters.show_letter)),
        web.post(f"/letters/{_ID}", needs(May.WRITE_LETTERS, letter_form.change)),
        web.get(f"/letters/{_ID}/edit", needs(May.WRITE_LETTERS, letter_form.show_draft)),
        web.get(f"/letters/{_ID}/receipts", needs(May.WATCH, letters.show_receipts)),
        web.get(f"/letters/{_ID}/word", needs(May.WATCH, letters.download)),
        web.post(f"/letters/{_ID}/sign", needs(May.SIGN_LETTERS, letters.sign)),
        web.post(f"/letters/{_ID}/send", needs(May.WRITE_LETTERS, letters.send)),
        web.post(f"/letters/{_ID}/withdraw", needs(May.WRITE_LETTERS, letters.withdraw)),
        web.post(f"/letters/{_ID}/discard", needs(May.WRITE_LETTERS, letters.discard)),
    ]
