"""The chart of accounts (names as beancount writes them)."""

BANK = "Assets:Bank"
CONTRIBUTIONS = "Income:Contributions"
PROCESSOR_FEES = "Expenses:ProcessorFees"
DISPUTES = "Expenses:Disputes"
EXCEPTIONS = "Expenses:Exceptions"
EXCHANGE_DIFFERENCES = "Equity:ExchangeDifferences"


def processor_balance(processor: str) -> str:
    """What a processor holds for us."""
    return f"Assets:Processor:{processor.capitalize()}"
