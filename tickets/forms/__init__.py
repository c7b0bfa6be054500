"""What people type at the desk, checked; the services decide whether it may happen."""

from tickets.forms.base import DeskForm, VersionedForm, text_area
from tickets.forms.bulk import BulkForm
from tickets.forms.customers import CompanyForm, CustomerForm
from tickets.forms.noting import CompanyNotesForm, CustomerNotesForm, NotesForm
from tickets.forms.opening import NewTicketForm
from tickets.forms.sorting import (
    LinkForm,
    MergeForm,
    OrderForm,
    PropertiesForm,
    RequesterForm,
    SplitForm,
    SubjectForm,
    TagsForm,
)
from tickets.forms.viewing import ViewForm
from tickets.forms.writing import EditHeldForm, NoteForm, ProgressForm, ReplyForm, SendNowForm

__all__ = [
    "BulkForm",
    "CompanyForm",
    "CompanyNotesForm",
    "CustomerForm",
    "CustomerNotesForm",
    "DeskForm",
    "EditHeldForm",
    "LinkForm",
    "MergeForm",
    "NewTicketForm",
    "NoteForm",
    "NotesForm",
    "OrderForm",
    "ProgressForm",
    "PropertiesForm",
    "ReplyForm",
    "RequesterForm",
    "SendNowForm",
    "SplitForm",
    "SubjectForm",
    "TagsForm",
    "VersionedForm",
    "ViewForm",
    "text_area",
]
