"""The article registry: titles the publisher vouches for, and so may be shown in public."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base


class Article(Base):
    """One registered article; without a row here an article has no public title."""

    __tablename__ = "article"

    key: Mapped[str] = mapped_column(String(2000), primary_key=True)
    title: Mapped[str] = mapped_column(String(300))
    registered_at: Mapped[datetime]
