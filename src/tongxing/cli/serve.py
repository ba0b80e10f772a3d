"""`tongxing run`, `tongxing worker`: web server and worker as two supervised processes that stop together and gracefully."""

import os
import socket
import time

import click

from tongxing.core.errors import Refused

from .chinese import ChineseCommand, Whole
from .listening import listening
from .prepare import prepare_everything, refuse_demo_data
from .start import start_django, start_with_data
from .supervisor import Supervisor, follow_supervisor

AFTER_PAGES = 10
"""How much further back (nice) the worker stands in the queue for a processor: somebody waits for a page, nobody for a roster."""


@click.command(cls=ChineseCommand, short_help="准备好一切并启动服务")
@click.option("--host", default="127.0.0.1", metavar="地址", help="监听地址，默认 127.0.0.1")
@click.option("--port", type=Whole(0, 65_535), default=8000, metavar="端口", help="监听端口，默认 8000")
@click.option("--workers", type=Whole(1, 64), default=None, metavar="个数", help="网页进程个数，默认与处理器核数相同，最多 4")
@click.option("--no-worker", is_flag=True, help="不启动后台任务进程（另行执行 tongxing worker）")
@click.option("--prepare-only", is_flag=True, help="只准备，不启动")
def run(host: str, port: int, workers: int | None, no_worker: bool, prepare_only: bool) -> int:
    """首次启动会建库、写入基础数据，演示模式下写入演示数据；然后启动网页服务和后台任务。按 Ctrl+C 停止。"""
    started = time.monotonic()
    if not prepare_only:
        _refuse_taken_port(host, port)
    start_django()
    for sentence in prepare_everything():
        click.echo(sentence + "。")
    if prepare_only:
        click.echo("准备完成。执行 make run 或 tongxing run 启动。")
        return 0
    sign_in = _how_to_sign_in()
    listener = listening(host, port)
    commands = {"web": ["web", "--fd", str(listener.fileno()), *(["--workers", str(workers)] if workers else [])]}
    if not no_worker:
        commands["worker"] = ["worker"]
    return Supervisor(commands, listener).watch(lambda: _announce(host, port, sign_in, time.monotonic() - started))


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(
                f"端口 {port} 用不了（{error.strerror}）。请先停掉占用它的程序，或用 --port 换一个。", code="port_taken"
            ) from None


def _announce(host: str, port: int, sign_in: str, seconds: float) -> None:
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    click.echo(f"\n同行已启动（{seconds:.1f} 秒）：http://{shown}:{port}\n{sign_in}\n按 Ctrl+C 停止。")


def _how_to_sign_in() -> str:
    from django.conf import settings

    from tongxing.accounts.models import User

    if settings.DEMO:
        return "演示模式：登录页列出了各岗位的演示账号和口令。演示数据均为虚构。"
    if User.objects.filter(is_active=True).exists():
        return "请用管理员分配的账号登录。"
    return "还没有账号：另开一个终端执行 tongxing createuser 账号 --name 姓名 --role officer，再登录。"


@click.command(cls=ChineseCommand, short_help="只运行后台任务进程（可在多台机器上各运行若干个）")
@click.option("--once", is_flag=True, help="做完现有任务就退出")
def worker(once: bool) -> int:
    """执行后台任务和定时任务。收到停止信号时做完手上的任务再退出。"""
    start_with_data()
    refuse_demo_data()
    from tongxing.core.jobs import run_worker

    follow_supervisor()
    os.nice(AFTER_PAGES)
    run_worker(once=once)
    return 0


@click.command(cls=ChineseCommand, short_help="只运行网页服务（由 systemd 等照看，或多台机器各运行一个）")
@click.option("--host", default="127.0.0.1", metavar="地址", help="监听地址，默认 127.0.0.1")
@click.option("--port", type=Whole(0, 65_535), default=8000, metavar="端口", help="监听端口，默认 8000")
@click.option("--workers", type=Whole(1, 64), default=None, metavar="个数", help="网页进程个数，默认与处理器核数相同，最多 4")
@click.option("--threads", type=Whole(1, 64), default=2, metavar="个数", help="每个进程同时处理的请求数，默认 2")
@click.option("--fd", type=Whole(0, 1_000_000), default=None, metavar="编号", help="已经在监听的套接字（systemd 套接字激活时为 3）")
def web(host: str, port: int, workers: int | None, threads: int, fd: int | None) -> int:
    """只运行网页服务。收到 SIGTERM 时不再接新连接，把手上的请求答完再退出；收到 SIGHUP 时逐个更换网页进程。"""
    start_with_data()
    refuse_demo_data()
    from django.db import connections

    from . import web_server

    follow_supervisor()
    connections.close_all()  # a connection must not be carried into the processes that are forked off now
    listener = socket.socket(fileno=fd) if fd is not None else listening(host, port)
    web_server.serve(listener, workers=workers or web_server.processes(), threads=threads, own=fd is None)
    return 0
