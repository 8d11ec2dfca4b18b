-- Every gap of a territory, each table read once. What the words mean stands in gaps.py.
--
-- Hazards are bits: `mask` of a post are the groups of hazards whose warnings reach it.
-- :peers is how the codes of the territory's county begin (of the territory itself where that is wider),
-- :inside how those of the territory begin: what is usual is learned from all peers, gaps are told inside.
WITH hazard_masks AS MATERIALIZED (
    SELECT string_to_array(written, ',') AS hazards, mask
    FROM unnest(CAST(:written AS text[]), CAST(:masks AS int[])) AS known (written, mask)
),
numbers AS MATERIALIZED (
    SELECT contact_id, number, kind, reached_at, standing <> ALL (CAST(:useless AS text[])) AS works
    FROM contact_numbers
    WHERE contact_id IN (SELECT holder_id FROM posts WHERE area_code LIKE :peers
                         UNION ALL SELECT deputy_id FROM posts WHERE area_code LIKE :peers)
),
-- Whether somebody can be called, and was reached of late; no row is no number.
reach AS MATERIALIZED (
    SELECT contact_id, bool_or(works) AS can_be_called,
           coalesce(bool_or(works AND reached_at >= :reached_since), false) AS was_reached
    FROM numbers GROUP BY contact_id
),
gone AS MATERIALIZED (
    SELECT id FROM contacts WHERE retired_at IS NOT NULL OR erased_at IS NOT NULL
),
staffed AS MATERIALIZED (
    SELECT posts.id, posts.area_code, posts.kind, posts.danger_point_id, posts.holder_id, posts.deputy_id,
           posts.valid_from, posts.valid_to, coalesce(hazard_masks.mask, 0) AS mask,
           posts.holder_id IS NOT NULL AND gone.id IS NULL AS is_held,
           posts.deputy_id IS NOT NULL AND gone_deputy.id IS NULL AS has_deputy,
           gone.id IS NULL AND coalesce(reach.can_be_called, false) AS can_be_called,
           coalesce(reach.was_reached, false) AS was_reached,
           gone_deputy.id IS NULL AND coalesce(of_deputy.can_be_called, false) AS deputy_can_be_called
    FROM posts
    LEFT JOIN hazard_masks ON hazard_masks.hazards = posts.hazards
    LEFT JOIN reach ON reach.contact_id = posts.holder_id
    LEFT JOIN reach AS of_deputy ON of_deputy.contact_id = posts.deputy_id
    LEFT JOIN gone ON gone.id = posts.holder_id
    LEFT JOIN gone AS gone_deputy ON gone_deputy.id = posts.deputy_id
    WHERE posts.area_code LIKE :peers
      AND (posts.valid_from IS NULL OR posts.valid_from <= :last_day)
      AND (posts.valid_to IS NULL OR posts.valid_to >= :first_day)
      -- Dates the wrong way round are never in force.
      AND coalesce(posts.valid_from <= posts.valid_to, true)
),
places AS MATERIALIZED (
    SELECT code, level, left(code, 6) AS county,
           -- Those that an area is compared with: its level in the county, and a village's in the township.
           left(code, 6) || level AS alike,
           CASE WHEN level = 'village' THEN left(code, 9) || level END AS alike_nearby
    FROM areas
    WHERE code LIKE :peers AND retired_at IS NULL AND level IN ('county', 'township', 'village')
),

-- Nobody for a hazard that is expected ----------------------------------------------------------------
answering AS (
    SELECT area_code,
           bit_or(mask) FILTER (WHERE is_held) AS named,
           bit_or(mask) FILTER (
               WHERE (can_be_called OR deputy_can_be_called)
                 AND (valid_from IS NULL OR valid_from <= :first_day) AND (valid_to IS NULL OR valid_to >= :last_day)
           ) AS sure
    FROM staffed GROUP BY area_code
),
standing AS MATERIALIZED (
    SELECT places.*, coalesce(answering.named, 0) AS named, coalesce(answering.sure, 0) AS sure
    FROM places LEFT JOIN answering ON answering.area_code = places.code
    WHERE places.level IN ('township', 'village')
),
compared AS (
    SELECT alike, named, count(*) AS areas FROM standing GROUP BY alike, named
    UNION ALL
    SELECT alike_nearby, named, count(*) FROM standing WHERE alike_nearby IS NOT NULL GROUP BY alike_nearby, named
),
expected AS MATERIALIZED (
    SELECT alike, bit_or(1 << bit) AS mask
    FROM (
        SELECT alike, bit
        FROM compared CROSS JOIN generate_series(0, :groups - 1) AS bit
        GROUP BY alike, bit
        HAVING 3 * coalesce(sum(areas) FILTER (WHERE named >> bit & 1 = 1), 0) >= 2 * sum(areas)
    ) AS usual
    GROUP BY alike
),
lacking AS (
    SELECT code, (coalesce(around.mask, 0) | coalesce(nearby.mask, 0)) & ~sure AS mask
    FROM standing
    LEFT JOIN expected AS around ON around.alike = standing.alike
    LEFT JOIN expected AS nearby ON nearby.alike = standing.alike_nearby
),
wanting AS MATERIALIZED (
    SELECT code, bit FROM lacking CROSS JOIN generate_series(0, :groups - 1) AS bit WHERE mask >> bit & 1 = 1
),
open_hours AS (
    SELECT wanting.code, wanting.bit,
           tstzmultirange(tstzrange(:begin, :end)) - coalesce(
               range_agg(tstzrange(CAST(valid_from AS timestamp) AT TIME ZONE :timezone,
                                   CAST(valid_to + 1 AS timestamp) AT TIME ZONE :timezone))
                   FILTER (WHERE staffed.id IS NOT NULL),
               '{}'
           ) AS hours
    FROM wanting
    LEFT JOIN staffed
        ON staffed.area_code = wanting.code AND staffed.mask >> wanting.bit & 1 = 1
            AND (staffed.can_be_called OR staffed.deputy_can_be_called)
    GROUP BY wanting.code, wanting.bit
),
nobody AS MATERIALIZED (
    SELECT code, hours, bit_or(1 << bit) AS mask FROM open_hours WHERE NOT isempty(hours) GROUP BY code, hours
),

-- Posts that most areas of the county have ------------------------------------------------------------
-- 镇长 and 乡长, 防汛责任人 and 村防汛责任人 are one post: the kind of place is no part of its name.
kind_names AS MATERIALIZED (
    SELECT kind, regexp_replace(kind, :place_words, '', 'g') AS post
    FROM (SELECT DISTINCT kind FROM staffed) AS kinds
),
seats AS MATERIALIZED (
    SELECT county, level, code, post, kind, is_held, mask
    FROM (SELECT area_code, post, min(kind) AS kind, bool_or(is_held) AS is_held, bit_or(mask) AS mask
          FROM staffed JOIN kind_names USING (kind)
          WHERE danger_point_id IS NULL GROUP BY area_code, post) AS seat
    JOIN places ON places.code = seat.area_code
    WHERE level <> 'county'
),
usual_posts AS MATERIALIZED (
    SELECT held.county, held.level, held.post, held.kind, held.mask
    FROM (SELECT county, level, post, min(kind) AS kind, count(*) AS areas, bit_or(mask) AS mask
          FROM seats WHERE is_held GROUP BY county, level, post) AS held
    JOIN (SELECT county, level, count(*) AS areas FROM places GROUP BY county, level) AS whole
        ON whole.county = held.county AND whole.level = held.level
    WHERE 3 * held.areas >= 2 * whole.areas
),
-- Few areas lack something: they are found by counting, and only then asked what.
short_of AS MATERIALIZED (
    SELECT code, own.county, own.level
    FROM (SELECT code, min(county) AS county, min(level) AS level, sum(posts) AS posts
          FROM (SELECT code, county, level, 0 AS posts FROM places
                UNION ALL
                SELECT code, county, level, 1 FROM seats JOIN usual_posts USING (county, level, post)) AS each
          GROUP BY code) AS own
    JOIN (SELECT county, level, count(*) AS posts FROM usual_posts GROUP BY county, level) AS usual
        ON usual.county = own.county AND usual.level = own.level
    WHERE own.posts < usual.posts
),
-- The last day of each seat that nobody takes over.
leaving AS MATERIALIZED (
    SELECT id, area_code, kind, regexp_replace(kind, :place_words, '', 'g') AS post, danger_point_id, holder_id,
           valid_to, hazards
    FROM posts
    WHERE area_code LIKE :peers AND valid_to >= :ended_since AND valid_to < :last_day
),
followed AS MATERIALIZED (
    SELECT leaving.id
    FROM leaving JOIN posts AS later ON later.area_code = leaving.area_code
    WHERE (later.valid_to IS NULL OR later.valid_to > leaving.valid_to AND later.valid_to >= :first_day)
      AND (later.valid_from IS NULL OR later.valid_from <= :last_day)
      AND later.danger_point_id IS NOT DISTINCT FROM leaving.danger_point_id
      AND regexp_replace(later.kind, :place_words, '', 'g') = leaving.post
),
ending AS MATERIALIZED (
    SELECT DISTINCT ON (area_code, post, danger_point_id) *
    FROM leaving WHERE id NOT IN (SELECT id FROM followed)
    ORDER BY area_code, post, danger_point_id, valid_to DESC, id
),
missing_posts AS MATERIALIZED (
    SELECT short_of.code, usual_posts.kind, usual_posts.mask
    FROM short_of
    JOIN usual_posts ON usual_posts.county = short_of.county AND usual_posts.level = short_of.level
    LEFT JOIN seats ON seats.code = short_of.code AND seats.post = usual_posts.post
    LEFT JOIN ending ON ending.area_code = short_of.code AND ending.post = usual_posts.post
    WHERE seats.code IS NULL AND ending.area_code IS NULL
),
-- The post that is missing explains why there is nobody: one line tells both.
explained AS MATERIALIZED (
    SELECT nobody.code, nobody.hours, nobody.mask,
           array_agg(missing_posts.kind ORDER BY missing_posts.kind)
               FILTER (WHERE missing_posts.kind IS NOT NULL) AS post_kinds
    FROM nobody
    LEFT JOIN missing_posts ON missing_posts.code = nobody.code AND missing_posts.mask & nobody.mask <> 0
    GROUP BY nobody.code, nobody.hours, nobody.mask
),

-- What a post lacks, those of one person in one area together -------------------------------------------
flawed AS (
    SELECT id, area_code, kind, holder_id, mask,
           CASE WHEN NOT is_held THEN 1 WHEN NOT can_be_called THEN 2 WHEN NOT was_reached THEN 4 ELSE 0 END
           | CASE WHEN NOT has_deputy THEN 8
                  WHEN deputy_id = holder_id THEN 16
                  WHEN NOT deputy_can_be_called THEN 32
                  ELSE 0 END AS flaws
    FROM staffed
    WHERE NOT (is_held AND was_reached AND deputy_can_be_called AND deputy_id <> holder_id)
),
flaws AS (
    SELECT flaw.kind AS gap, area_code, array_agg(DISTINCT flawed.kind) AS post_kinds, bit_or(mask) AS mask,
           (array_agg(id ORDER BY id))[1] AS post_id, CASE WHEN flaw.bit > 1 THEN holder_id END AS contact_id
    FROM flawed
    JOIN (VALUES (1, 'vacant'), (2, 'no_number'), (4, 'unreached'), (8, 'no_deputy'),
                 (16, 'deputy_is_holder'), (32, 'deputy_no_number')) AS flaw (bit, kind)
        ON flawed.flaws & flaw.bit <> 0 AND (flaw.bit < 8 OR flawed.flaws & 1 = 0)
    GROUP BY flaw.kind, flaw.bit, area_code, holder_id, CASE WHEN flaw.bit = 1 THEN id END
),

-- Danger points and desks -------------------------------------------------------------------------------
points AS (
    SELECT danger_points.id, danger_points.area_code, danger_points.name, danger_points.kind,
           count(staffed.id) AS people,
           coalesce(bool_or(staffed.kind ~ :watches), false) AS is_watched,
           coalesce(bool_or(staffed.kind !~ :watches), false) AS is_led
    FROM danger_points
    LEFT JOIN staffed ON staffed.danger_point_id = danger_points.id AND staffed.is_held
    WHERE danger_points.area_code LIKE :inside AND danger_points.retired_at IS NULL
    GROUP BY danger_points.id
),
desk_hours AS (
    SELECT desks.id, desks.area_code, desks.name, desks.fallback_contact_id,
           tstzmultirange(tstzrange(:begin, :end)) - coalesce(
               range_agg(tstzrange(shifts.starts_at, shifts.ends_at)) FILTER (WHERE shifts.id IS NOT NULL), '{}'
           ) AS hours
    FROM desks
    LEFT JOIN shifts ON shifts.desk_id = desks.id AND shifts.starts_at < :end AND shifts.ends_at > :begin
    WHERE desks.area_code LIKE :inside
    GROUP BY desks.id
),

-- Habits ------------------------------------------------------------------------------------------------
busy AS (
    SELECT holder_id, min(area_code) AS area_code, array_agg(DISTINCT kind) AS post_kinds, bit_or(mask) AS mask,
           count(DISTINCT (area_code, kind, danger_point_id)) AS seats,
           count(DISTINCT area_code) FILTER (WHERE right(area_code, 3) <> '000') AS villages
    FROM staffed
    WHERE is_held AND holder_id IN (
        SELECT holder_id FROM staffed GROUP BY holder_id HAVING count(*) > least(:most_villages, :most_posts)
    )
    GROUP BY holder_id
),
shared AS (
    SELECT number, array_agg(contact_id ORDER BY contact_id) AS contact_ids
    FROM numbers
    WHERE kind <> 'landline' AND contact_id NOT IN (SELECT id FROM gone)
    GROUP BY number HAVING count(*) > 1
),
circles AS (
    SELECT circle, array_agg(contact_id ORDER BY contact_id) AS contact_ids
    FROM unnest(CAST(:circles AS int[]), CAST(:circle_people AS uuid[])) AS given (circle, contact_id)
    GROUP BY circle
),
together AS MATERIALIZED (
    SELECT 'shared_number' AS gap, contact_ids FROM shared
    UNION ALL
    SELECT 'superior_loop', contact_ids FROM circles
),
placed AS (
    SELECT holder_id AS contact_id, min(area_code) AS area_code
    FROM (SELECT holder_id, area_code FROM staffed WHERE is_held
          UNION ALL SELECT deputy_id, area_code FROM staffed WHERE has_deputy) AS everybody
    WHERE holder_id IN (SELECT unnest(contact_ids) FROM together)
    GROUP BY holder_id
),

found AS (
    SELECT 'nobody' AS gap, code AS area_code, post_kinds, mask, hours,
           CAST(NULL AS text) AS place_name, CAST(NULL AS date) AS day, 0 AS count,
           CAST(NULL AS uuid) AS post_id, CAST(NULL AS uuid) AS contact_id, CAST(NULL AS uuid[]) AS contact_ids,
           CAST(NULL AS uuid) AS point_id, CAST(NULL AS uuid) AS desk_id
    FROM explained
    UNION ALL
    SELECT gap, area_code, post_kinds, mask, NULL, NULL, NULL, 0, post_id, contact_id, NULL, NULL, NULL
    FROM flaws
    UNION ALL
    SELECT CASE WHEN people = 0 THEN 'point_nobody' WHEN is_led THEN 'point_no_watcher' ELSE 'point_no_leader' END,
           area_code, NULL, of_kind.mask, NULL, points.name, NULL, 0, NULL, NULL, NULL, points.id, NULL
    FROM points
    JOIN unnest(CAST(:point_kinds AS text[]), CAST(:point_masks AS int[])) AS of_kind (kind, mask)
        ON of_kind.kind = points.kind
    WHERE NOT (is_watched AND is_led)
    UNION ALL
    SELECT CASE WHEN EXISTS (SELECT FROM contact_numbers WHERE contact_id = fallback_contact_id
                             AND standing <> ALL (CAST(:useless AS text[])))
                THEN 'desk_unnamed' ELSE 'desk_empty' END,
           area_code, NULL, :everything, hours, name, NULL, 0, NULL, NULL, NULL, NULL, id
    FROM desk_hours WHERE NOT isempty(hours)
    UNION ALL
    SELECT 'no_desk', code, NULL, :everything, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL
    FROM places
    WHERE level IN ('county', 'township') AND NOT EXISTS (SELECT FROM desks WHERE desks.area_code = places.code)
    UNION ALL
    SELECT 'missing_post', code, ARRAY[kind], mask, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL
    FROM missing_posts
    WHERE NOT EXISTS (
        SELECT FROM nobody WHERE nobody.code = missing_posts.code AND nobody.mask & missing_posts.mask <> 0
    )
    UNION ALL
    SELECT CASE WHEN valid_to < :first_day THEN 'ended' ELSE 'ending' END, area_code, ARRAY[kind],
           coalesce(hazard_masks.mask, 0), NULL, NULL, valid_to, 0, id, holder_id, NULL, NULL, NULL
    FROM ending LEFT JOIN hazard_masks ON hazard_masks.hazards = ending.hazards
    UNION ALL
    SELECT 'retired_area', area_code, array_agg(DISTINCT kind), bit_or(mask), NULL, NULL, NULL,
           CAST(count(*) AS int), (array_agg(staffed.id ORDER BY staffed.id))[1], NULL, NULL, NULL, NULL
    FROM staffed JOIN areas ON areas.code = area_code AND areas.retired_at IS NOT NULL
    GROUP BY area_code
    UNION ALL
    SELECT 'too_many', area_code, post_kinds, mask, NULL, NULL, NULL,
           CAST(CASE WHEN villages > :most_villages THEN villages ELSE seats END AS int),
           NULL, holder_id, NULL, NULL, NULL
    FROM busy WHERE villages > :most_villages OR seats > :most_posts
    UNION ALL
    SELECT gap, min(placed.area_code), NULL, :everything, NULL, NULL, NULL, cardinality(contact_ids),
           NULL, contact_ids[1], contact_ids, NULL, NULL
    FROM together JOIN placed ON placed.contact_id = ANY (contact_ids)
    GROUP BY gap, contact_ids
)
SELECT found.gap, found.area_code, areas.name AS area_name,
       CASE WHEN areas.level = 'village' THEN township.name END AS township_name,
       found.post_kinds, found.mask, found.place_name, found.day, found.count,
       found.post_id, found.contact_id, found.point_id, found.desk_id,
       ARRAY(SELECT lower(part) FROM unnest(found.hours) AS part) AS begins,
       ARRAY(SELECT upper(part) FROM unnest(found.hours) AS part) AS ends,
       CASE WHEN found.contact_ids IS NULL THEN person.name
            ELSE (SELECT string_agg(name, '、' ORDER BY contacts.id) FROM contacts
                  WHERE contacts.id = ANY (found.contact_ids)) END AS name
FROM found
JOIN areas ON areas.code = found.area_code
LEFT JOIN areas AS township ON township.code = areas.parent_code
LEFT JOIN contacts AS person ON person.id = found.contact_id
WHERE found.area_code LIKE :inside
ORDER BY array_position(CAST(:order AS text[]), found.gap), found.area_code, found.post_id, found.contact_id,
         found.place_name, found.post_kinds
