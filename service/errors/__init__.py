"""Every expected refusal: one named exception per condition, safe to show to anyone.

Refusal
├── ValidationFailed, BodyTooLarge, RateLimited, Unavailable
│   └── PasswordNeeded, a ValidationFailed
├── by a clause of the terms
│   ├── ArticleNotAllowed (1.1)
│   ├── EntitlementNotOffered (1.2)
│   ├── RecurringNotOffered (4.1)
│   ├── RefundNotOffered (4.2)
│   ├── FeatureClosed (4.3)
│   ├── PaymentDetailsRefused (5.2)
│   └── TermsNotAccepted, TermsOutdated (6.1)
├── IdempotencyConflict, InProgress
├── ProcessorUnavailable
│   └── ProcessorRefused
│       └── ProcessorUnreadable
├── BadSignature, BadEvent
├── NotAuthenticated, NotAllowed, NotFound
├── LastAdmin, OwnAccount
├── StaleRevision, NotDecidable, ClaimedByOther
├── LinkEnded, MailUnavailable
└── PeriodNotReady, PeriodClosed, AllocationMismatch, ExportNotReady

Titles and details are message ids of the translation catalogue; the edge translates them.
"""

from service.errors.base import (
    N_,
    BodyTooLarge,
    LinkEnded,
    MailUnavailable,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    PasswordNeeded,
    RateLimited,
    Refusal,
    Unavailable,
    ValidationFailed,
)
from service.errors.by_clause import (
    CLOSED_BECAUSE,
    ArticleNotAllowed,
    EntitlementNotOffered,
    FeatureClosed,
    PaymentDetailsRefused,
    RecurringNotOffered,
    RefundNotOffered,
    TermsNotAccepted,
    TermsOutdated,
)
from service.errors.desk import (
    AllocationMismatch,
    ClaimedByOther,
    ExportNotReady,
    LastAdmin,
    NotDecidable,
    OwnAccount,
    PeriodClosed,
    PeriodNotReady,
    StaleRevision,
)
from service.errors.paying import (
    BadEvent,
    BadSignature,
    IdempotencyConflict,
    InProgress,
    ProcessorRefused,
    ProcessorUnavailable,
    ProcessorUnreadable,
)

__all__ = [
    "CLOSED_BECAUSE",
    "N_",
    "AllocationMismatch",
    "ArticleNotAllowed",
    "BadEvent",
    "BadSignature",
    "BodyTooLarge",
    "ClaimedByOther",
    "EntitlementNotOffered",
    "ExportNotReady",
    "FeatureClosed",
    "IdempotencyConflict",
    "InProgress",
    "LastAdmin",
    "LinkEnded",
    "MailUnavailable",
    "NotAllowed",
    "NotAuthenticated",
    "NotDecidable",
    "NotFound",
    "OwnAccount",
    "PasswordNeeded",
    "PaymentDetailsRefused",
    "PeriodClosed",
    "PeriodNotReady",
    "ProcessorRefused",
    "ProcessorUnavailable",
    "ProcessorUnreadable",
    "RateLimited",
    "RecurringNotOffered",
    "RefundNotOffered",
    "Refusal",
    "StaleRevision",
    "TermsNotAccepted",
    "TermsOutdated",
    "Unavailable",
    "ValidationFailed",
]
