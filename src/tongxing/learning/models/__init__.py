"""The tables of online learning: lessons and how far people got, the question bank, mock examinations, feedback (notice:3.1.1)."""

from .attempts import Attempt, AttemptItem, WrongAnswer
from .bank import ANSWERED, BankChange, Difficulty, Function, Kind, Option, Question, QuestionState
from .exams import BlueprintLine, Exam, ExamState
from .feedback import QUESTIONS, Feedback, FeedbackGiven
from .lessons import Checkpoint, Lesson, LessonKind, LessonPage
from .progress import CheckpointAnswer, Progress, Seat, StudyDay

__all__ = [
    "ANSWERED",
    "QUESTIONS",
    "Attempt",
    "AttemptItem",
    "BankChange",
    "BlueprintLine",
    "Checkpoint",
    "CheckpointAnswer",
    "Difficulty",
    "Exam",
    "ExamState",
    "Feedback",
    "FeedbackGiven",
    "Function",
    "Kind",
    "Lesson",
    "LessonKind",
    "LessonPage",
    "Option",
    "Progress",
    "Question",
    "QuestionState",
    "Seat",
    "StudyDay",
    "WrongAnswer",
]
