"""Mail: letters as text and HTML, sent by SMTP, or kept in a folder while developing."""
