"""The widget: the reader's form, wall and counter below an article on the publisher's own pages."""
