"""Every record, so that metadata is complete for migrations and tests."""

from models.activity import Activity
from models.audit import AuditEntry, AuditSeal
from models.base import Base
from models.call import Call, CallTurn
from models.callback import Attempt, Callback
from models.category import Category
from models.co_handler import CoHandler
from models.draft import StaffDraft
from models.household import Household
from models.housekeeping import Counter, Lease
from models.kiosk import Kiosk
from models.kiosk_help import KioskHelp
from models.message import Message
from models.notice import Notice, NoticeRecipient
from models.pending_step import PendingStep
from models.photo import Photo
from models.question import Question
from models.rating import Rating, RemedialAction
from models.receipt import InboundReceipt
from models.recording import Recording
from models.resident import Resident, ResidentPhone
from models.resident_change import Erasure, ResidentMerge
from models.roster import DutyShift
from models.routing_rule import RoutingRule
from models.saved_view import SavedView
from models.service_item import ServiceItem
from models.staff import Staff
from models.staff_session import StaffSession
from models.station import Station
from models.ticket import Ticket, TicketEvent
from models.unit import Unit
from models.verified_example import VerifiedExample

__all__ = [
    "Activity",
    "Attempt",
    "AuditEntry",
    "AuditSeal",
    "Base",
    "Call",
    "CallTurn",
    "Callback",
    "Category",
    "CoHandler",
    "Counter",
    "DutyShift",
    "Erasure",
    "Household",
    "InboundReceipt",
    "Kiosk",
    "KioskHelp",
    "Lease",
    "Message",
    "Notice",
    "NoticeRecipient",
    "PendingStep",
    "Photo",
    "Question",
    "Rating",
    "Recording",
    "RemedialAction",
    "Resident",
    "ResidentMerge",
    "ResidentPhone",
    "RoutingRule",
    "SavedView",
    "ServiceItem",
    "Staff",
    "StaffDraft",
    "StaffSession",
    "Station",
    "Ticket",
    "TicketEvent",
    "Unit",
    "VerifiedExample",
]

metadata = Base.metadata
