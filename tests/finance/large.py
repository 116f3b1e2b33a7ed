"""Books of any size, made by the database itself: contributions with fees, refunds and payouts."""

from sqlalchemy import Engine, text

_STATEMENTS = (
    """INSERT INTO contribution (id, reference, amount_minor, currency, article_key, article_section, locale,
                                 terms_version, status, created_at, paid_at)
       SELECT lpad(to_hex(n), 32, '0'), 'AS-' || n, 100 * (10000 + n % 90000), 'IDR',
              'https://kompas.com/read/' || n % 500, CASE WHEN n % 20 = 0 THEN '=1+1' ELSE 'Rubrik ' || n % 20 END,
              'id', '2026-11', 'paid', {at}, {at}
       FROM generate_series(1, :count / 2) AS n""",
    """INSERT INTO message (id, contribution_id, text, state, revision, name_hidden, rank, escalated, reports)
       SELECT 'a' || lpad(to_hex(n), 31, '0'), lpad(to_hex(n), 32, '0'), 'Terima kasih', 'published', 1, false, 0, false, 0
       FROM generate_series(1, :count / 4) AS n""",
    """INSERT INTO movement (id, type, ref, processor, payment_ref, charge_ref, contribution_id, reference, article_url,
                             article_section, terms_version, given_at, paid_at, occurred_at, booked_on, currency,
                             gross_minor, fee_minor, net_minor, method, live, debit_account, credit_account, recorded_at)
       SELECT 'b' || lpad(to_hex(n), 31, '0'), 'contribution', 'pay_' || n, 'sandbox', 'pay_' || n, 'ch_' || n,
              lpad(to_hex(n), 32, '0'), 'AS-' || n, 'https://kompas.com/read/' || n % 500,
              CASE WHEN n % 20 = 0 THEN '=1+1' ELSE 'Rubrik ' || n % 20 END, '2026-11', {at}, {at}, {at}, {day}, 'IDR',
              100 * (10000 + n % 90000), 0, 100 * (10000 + n % 90000),
              (ARRAY['qris', 'gopay', 'card'])[1 + n % 3], true, 'Assets:Processor:Sandbox', 'Income:Contributions', {at}
       FROM generate_series(1, :count / 2) AS n""",
    """INSERT INTO movement (id, type, ref, processor, payment_ref, parent_id, contribution_id, reference, article_url,
                             article_section, terms_version, given_at, paid_at, occurred_at, booked_on, currency,
                             gross_minor, fee_minor, net_minor, method, live, debit_account, credit_account, recorded_at)
       SELECT 'c' || lpad(to_hex(n), 31, '0'), 'fee', 'txn_' || n, 'sandbox', 'pay_' || n, 'b' || lpad(to_hex(n), 31, '0'),
              lpad(to_hex(n), 32, '0'), 'AS-' || n, 'https://kompas.com/read/' || n % 500,
              CASE WHEN n % 20 = 0 THEN '=1+1' ELSE 'Rubrik ' || n % 20 END, '2026-11', {at}, {at}, {at}, {day}, 'IDR',
              0, 7001 + n % 900, -(7001 + n % 900), (ARRAY['qris', 'gopay', 'card'])[1 + n % 3], true,
              'Expenses:ProcessorFees', 'Assets:Processor:Sandbox', {at}
       FROM generate_series(1, :count / 2) AS n""",
    """INSERT INTO posting (movement_id, account, currency, amount_minor, entry, booked_on, recorded_at)
       SELECT id, CASE WHEN side = 1 THEN debit_account ELSE credit_account END, currency,
              side * abs(net_minor), 'movement', booked_on, recorded_at
       FROM movement CROSS JOIN (VALUES (1), (-1)) AS sides (side)""",
    """INSERT INTO movement_sequence (sequence, movement_id)
       SELECT row_number() OVER (ORDER BY recorded_at, id), id FROM movement""",
    """INSERT INTO movement_settlement (movement_id, processor, balance_ref, currency, gross_minor, fee_minor, net_minor,
                                        available_on, made_at)
       SELECT id, processor, 'txn_' || substr(payment_ref, 5), currency, gross_minor, fee_minor, net_minor,
              booked_on + 2, occurred_at FROM movement""",
    """INSERT INTO payout (processor, ref, currency, amount_minor, arrival, itemised, recorded_at)
       SELECT 'sandbox', 'po_' || n, 'IDR', 1, date '2026-12-03', true, timestamptz '2026-12-01' FROM generate_series(0, 99) AS n""",
    """INSERT INTO payout_row (processor, balance_ref, payout_ref)
       SELECT 'sandbox', 'txn_' || n, 'po_' || n % 100 FROM generate_series(1, :count / 2) AS n WHERE n % 10 < 8""",
)
_AT = "(timestamptz '2026-11-01 00:00+07' + n * interval '1 second' * 2500000 / :count)"
_DAY = "(timezone('Asia/Jakarta', {at}))::date"


def fill(engine: Engine, count: int) -> None:
    """``count`` movements, booked in November 2026 and numbered."""
    with engine.begin() as connection:
        for statement in _STATEMENTS:
            written = statement.format(at=_AT, day=_DAY.format(at=_AT))
            connection.execute(text(written), {"count": count} if ":count" in written else {})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
