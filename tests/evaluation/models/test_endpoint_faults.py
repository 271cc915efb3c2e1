"""What a server does wrong costs one question, and a key goes to that server alone."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from audioflan_tasks.errors import (
    EndpointError,
    EvaluationError,
    RunPausedError,
    SettingsError,
)
from audioflan_tasks.evaluation import Answer, Failure, evaluate
from audioflan_tasks.evaluation.answers import AnswerFile
from audioflan_tasks.evaluation.models import EndpointModel
from tests.evaluation.raw_server import (
    KINDS,
    RawServer,
    Script,
    completion,
    dripping,
    endpoint_faults,
    http,
    raw_server,
)
from tests.kinds import first_of

QUICK: dict[str, Any] = {"proof_of_hearing": 0, "baselines": []}
KEY = "sk-test/0123456789"
GOOD = http(json.dumps(completion()).encode())


def model(server: RawServer, **options: Any) -> EndpointModel:
    options = {"backoff_s": 0.001, "retries": 1, "timeout_s": 0.5, "max_bytes": 100_000, **options}
    return EndpointModel("tiny", server.url, **options)


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    return KEY


class TestFaults:
    @pytest.mark.slow
    @pytest.mark.parametrize("count", first_of(2 * len(KINDS), 210))
    def test_each_is_an_answer_or_a_counted_failure(self, tmp_path: Path, count: int) -> None:
        faults = endpoint_faults(count)
        with raw_server(GOOD) as server:
            endpoint = model(server)
            endpoint.complete("first")
            for number, (name, script) in enumerate(faults):
                server.scripts, server.requests = [script], []
                reply = endpoint.complete("Say yes.")
                assert isinstance(reply, Answer | Failure), name
                assert 1 <= len(server.requests) <= 2, name
                with AnswerFile(tmp_path, "task") as file:
                    file.add(str(number), "", "", reply, 0.0)
                with AnswerFile(tmp_path, "task") as file:
                    stored = file.reply(str(number))
                assert type(stored) is type(reply), name
                # Not a whole outage: a good answer comes between.
                server.scripts = [GOOD]
                assert endpoint.complete("Say yes.").text == "yes"  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        "drip",
        first_of(
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b" "),
            (b"", b"H"),
            (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        ),
    )
    def test_a_byte_now_and_then_does_not_hold_a_request(self, drip: tuple[bytes, bytes]) -> None:
        whole_drips: list[int] = []
        with raw_server(dripping(*drip, whole_drips)) as server:
            reply = model(server, retries=0, timeout_s=0.2).complete("Say yes.")
        assert isinstance(reply, Failure) and reply.kind == "timeout"
        assert not whole_drips

    def test_a_body_without_end_is_cut(self) -> None:
        with raw_server(http(b" " * 300_000)) as server:
            reply = model(server, retries=0).complete("Say yes.")
        assert isinstance(reply, Failure) and "over 100,000 bytes (max_bytes)" in reply.message

    def test_surrogates_and_broken_bytes_are_kept_escaped_and_not_asked_twice(
        self, tmp_path: Path
    ) -> None:
        body = json.dumps(completion("a\ud800b", reasoning_content="\udfff")).encode()
        raw = json.dumps(completion("c?d")).encode().replace(b"?", b"\xff")
        with raw_server(http(body), http(raw)) as server:
            endpoint = model(server)
            with AnswerFile(tmp_path, "task") as file:
                for name in ("0", "1"):
                    file.add(name, "", "", endpoint.complete("Say yes."), 0.0)
            assert len(server.requests) == 2
        with AnswerFile(tmp_path, "task") as file:
            assert file.has_answer("0", "") and file.has_answer("1", "")
            answers = [file.reply("0"), file.reply("1")]
        assert [answer.text for answer in answers] == [r"a\ud800b", r"c\udcffd"]  # type: ignore[union-attr]
        assert answers[0].note["reasoning_content"] == r"\udfff"  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            ("7", 7.0), ("1e9", 60.0), ("inf", 60.0), ("Fri, 31 Dec 2999 23:59:59 GMT", 60.0),
            ("soon", 1.0), ("\xb2", 1.0), ("nan", 1.0), ("-3", 1.0),
            ("Wed, 99 Oct 99999 07:28:00 GMT", 1.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 1.0),
        ],
    )  # fmt: skip
    def test_waits_are_what_the_server_says_within_a_minute(
        self, monkeypatch: pytest.MonkeyPatch, header: str, seconds: float
    ) -> None:
        waits: list[float] = []
        place = "audioflan_tasks.evaluation.models.endpoint"
        monkeypatch.setattr(f"{place}.time.sleep", waits.append)
        monkeypatch.setattr(f"{place}.random.random", lambda: 0.0)
        with raw_server(http(b"", "503 x", f"Retry-After: {header}"), GOOD) as server:
            assert model(server, backoff_s=1.0).complete("Say yes.").text == "yes"  # type: ignore[union-attr]
        assert waits == [seconds]


class TestOutage:
    @pytest.mark.slow
    def test_no_connection_before_the_first_answer_ends_the_run(self, tmp_path: Path) -> None:
        with raw_server(GOOD) as server:
            pass
        endpoint = model(server, retries=9, backoff_s=60.0)
        with pytest.raises(EndpointError, match=r"127\.0\.0\.1.*refused.*is the server up"):
            evaluate(endpoint, "speaker_verification", tmp_path, **QUICK)

    def test_a_name_that_is_no_host_ends_the_run(self) -> None:
        with pytest.raises(EndpointError, match="is the address right"):
            EndpointModel("tiny", "http://no-such-host.invalid/v1").complete("Say yes.")

    @pytest.mark.parametrize("status", ["302 Found", "401 x", "404 x"])
    def test_what_every_question_would_get_ends_the_run_before_an_answer(self, status: str) -> None:
        with raw_server(http(b"", status, "Location: http://localhost:9/")) as server:
            with pytest.raises(EndpointError, match=f"HTTP {status[:3]}"):
                model(server).complete("Say yes.")
            assert len(server.requests) == 1

    @pytest.mark.slow
    @pytest.mark.parametrize("sizes", first_of((3, 1), (1, 2)))
    def test_twenty_failures_in_a_row_pause_the_run(
        self, tmp_path: Path, sizes: tuple[int, int]
    ) -> None:
        batch_size, workers = sizes
        tasks = ("speaker_verification", "gender_recognition", "key_detection", "key_comparison")
        options = {**QUICK, "tasks": tasks, "batch_size": batch_size, "workers": workers}
        gone = http(b"gone", "500 x")
        with raw_server(*[GOOD] * 13, gone) as server:
            endpoint = model(server, retries=0)
            with pytest.raises(RunPausedError, match=r"last 2[01] questions .*HTTP 500: gone") as e:
                evaluate(endpoint, "audioflan_all", tmp_path, **options)
            assert e.value.exit_status == 75
            assert len(server.requests) <= 13 + 20 + workers
            answered = server.requests[:13]
            server.scripts, server.requests = [GOOD], []
            results = evaluate(endpoint, "audioflan_all", tmp_path, **options)
            assert all(task.status == "scored" for task in results.tasks)
            assert not set(answered) & set(server.requests)

    def test_refused_questions_are_no_outage(self) -> None:
        with raw_server(http(b"too long", "400 x")) as server:
            replies = [model(server).complete("Say yes.") for _ in range(2)]
            assert {reply.kind for reply in replies} == {"refused"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "url",
    ["", "host/v1", "ftp://host", "http://", "http://a b", "http://host:99999/v1", "http://[::1/v1",
     "http://x\n/v1", "http://h\u00f6st/v1", "http://host/v1\x00"],
)  # fmt: skip
def test_what_is_no_url_is_refused_at_once(url: str) -> None:
    with pytest.raises(EvaluationError, match=r"expected http://HOST:PORT/v1") as caught:
        EndpointModel("tiny", url)
    assert "\n" not in str(caught.value)


def test_a_server_of_tls_that_is_silent_ends_the_run() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"https://127.0.0.1:{server.getsockname()[1]}/v1"
        with pytest.raises(EndpointError, match="no connection in time"):
            EndpointModel("tiny", url, timeout_s=0.2).complete("Say yes.")


class TestKey:
    def everything(self, folder: Path) -> bytes:
        return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())

    @pytest.mark.parametrize("form", [KEY, KEY.replace("/", "\\/"), "".join(
        f"\\u{ord(c):04x}" for c in KEY)])  # fmt: skip
    @pytest.mark.parametrize("status", first_of("200 OK", "400 x", "403 x", "500 x"))
    def test_it_is_masked_where_the_server_repeats_it(
        self, tmp_path: Path, key: str, form: str, status: str
    ) -> None:
        body = json.dumps(completion("KEY", refusal="KEY")).replace("KEY", form).encode()
        with raw_server(http(body, status)) as server:
            reply = model(server).complete("Say yes.")
            assert f"Bearer {key}".encode() in server.requests[0]
        with AnswerFile(tmp_path, "task") as file:
            file.add("0", "", "", reply, 0.0)
        stored = self.everything(tmp_path).decode()
        assert "[API key]" in stored and key not in stored

    @pytest.mark.parametrize("cut", [0, 490, 499])
    def test_no_half_of_it_is_left_where_a_message_is_cut(self, key: str, cut: int) -> None:
        body = b"x" * cut + key.encode() + b"\xff"
        with raw_server(http(body, "400 x")) as server:
            reply = model(server).complete("Say yes.")
        assert isinstance(reply, Failure) and key[:6] not in reply.message

    def test_a_run_and_its_errors_do_not_have_it(
        self, tmp_path: Path, key: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        echo = http(f"Incorrect API key: {key}".encode(), "401 x")
        with raw_server(echo) as server, pytest.raises(EndpointError) as caught:
            evaluate(model(server), "speaker_verification", tmp_path, **QUICK)
        assert key not in str(caught.value) + capsys.readouterr().err
        assert key.encode() not in self.everything(tmp_path)

    @pytest.mark.parametrize("status", ["301 x", "302 x", "303 x", "307 x", "308 x"])
    def test_a_redirect_does_not_carry_it_away(self, key: str, status: str) -> None:
        with raw_server(GOOD) as other:
            elsewhere = http(b"", status, f"Location: {other.url}/chat/completions")
            with raw_server(GOOD, elsewhere) as server:
                endpoint = model(server)
                endpoint.complete("first")
                reply = endpoint.complete("Say yes.")
            assert isinstance(reply, Failure) and "redirects are not followed" in reply.message
            assert not other.requests

    def test_a_line_end_is_stripped_and_other_control_characters_are_refused(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\r\n")
        with raw_server(GOOD) as server:
            model(server).complete("Say yes.")
            assert f"Bearer {KEY}\r\n".encode() in server.requests[0]
            for bad in (f"{KEY}\nX: y", f"{KEY}\x00z", f"sk\u2028{KEY}", "schl\u00fcssel-12345"):
                monkeypatch.setattr("os.environ", {"OPENAI_API_KEY": bad})
                with pytest.raises(SettingsError, match="OPENAI_API_KEY") as caught:
                    model(server)
                assert KEY not in str(caught.value)

    def test_an_answer_that_says_empty_is_not_masked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "EMPTY")
        with raw_server(http(json.dumps(completion("EMPTY room")).encode())) as server:
            assert model(server).complete("Where?").text == "EMPTY room"  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        "url", [f"http://me:{KEY}@host/v1", f"http://host/v1?key={KEY}", f"http://host/v1#{KEY}"]
    )
    def test_a_url_with_a_secret_is_refused_and_not_repeated(self, url: str) -> None:
        with pytest.raises(Exception, match="environment variable") as caught:
            EndpointModel("tiny", url)
        assert KEY not in str(caught.value)


@pytest.mark.slow
def test_questions_of_a_run_are_answered_or_counted(tmp_path: Path, key: str) -> None:
    """Ten questions, four of them with faults: none is lost, and the rest is asked again."""
    scripts: list[Script] = [GOOD, *(script for _, script in endpoint_faults(4)), GOOD]
    with raw_server(*scripts) as server:
        first = evaluate(model(server, retries=0), "speaker_verification", tmp_path, **QUICK)
        (task,) = first.tasks
        assert task.answered + sum(task.errors.values()) == task.examples == 10
        again = evaluate(model(server), "speaker_verification", tmp_path, **QUICK)
        assert again.tasks[0].answered == 10
        assert len(server.requests) == 10 + sum(task.errors.values())
