import gc
import threading

from tongxing.sheets.garbage import MANY, fewer_looks


def test_the_collector_looks_seldom_while_any_file_is_in_hand_and_as_usual_afterwards() -> None:
    usual = gc.get_threshold()
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with fewer_looks():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with fewer_looks():
        thread.start()
        assert inside.wait(10)
        assert gc.get_threshold() == (MANY, *usual[1:])
    assert gc.get_threshold() == (MANY, *usual[1:])
    leave.set()
    thread.join()
    assert gc.get_threshold() == usual
