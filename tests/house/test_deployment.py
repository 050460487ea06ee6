"""The composed deployment is sound as far as a machine without a container engine can tell."""

import base64
import importlib.util
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
AIRFLOW_PARTS = {"init", "api-server", "scheduler", "dag-processor", "triggerer"}


@pytest.fixture(scope="module")
def make_env() -> ModuleType:
    """The script behind `make env`."""
    spec = importlib.util.spec_from_file_location("make_env", ROOT / ".ci/make_env.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    """The services as written, anchors resolved."""
    return dict(yaml.safe_load((ROOT / "docker-compose.yaml").read_text())["services"])


def compose(folder: Path) -> subprocess.CompletedProcess[str]:
    """What Compose itself says about the file in `folder`."""
    command = next((found for name in ("docker-compose",) if (found := shutil.which(name))), None)
    if command is None:
        pytest.skip("needs the command docker-compose; on Debian: apt-get install docker-compose")
    return subprocess.run([command, "config"], cwd=folder, capture_output=True, text=True, check=False)


def test_compose_accepts_the_file_with_a_generated_env(tmp_path: Path, make_env: ModuleType) -> None:
    shutil.copy(ROOT / "docker-compose.yaml", tmp_path)
    (tmp_path / ".env").write_text(make_env.filled((ROOT / ".env.example").read_text()))
    done = compose(tmp_path)
    assert done.returncode == 0, done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) == AIRFLOW_PARTS | {"postgres"}


def test_compose_refuses_to_start_without_secrets(tmp_path: Path) -> None:
    shutil.copy(ROOT / "docker-compose.yaml", tmp_path)
    shutil.copy(ROOT / ".env.example", tmp_path / ".env")
    done = compose(tmp_path)
    assert done.returncode != 0
    assert "make env" in done.stderr


def test_the_example_holds_no_secret_and_the_generator_fills_each(make_env: ModuleType) -> None:
    example = (ROOT / ".env.example").read_text()
    secrets = re.findall(r"(?m)^(\w*(?:PASSWORD|SECRET|KEY)\w*)=(.*)$", example)
    assert secrets
    assert all(value == "" for _, value in secrets)
    filled = dict(re.findall(r"(?m)^(\w+)=(.+)$", make_env.filled(example)))
    again = dict(re.findall(r"(?m)^(\w+)=(.+)$", make_env.filled(example)))
    for name, _ in secrets:
        assert len(filled[name]) >= 32
        assert filled[name] != again[name]
    assert len(base64.urlsafe_b64decode(filled["AIRFLOW_FERNET_KEY"])) == 32


def test_the_generated_file_is_private_and_never_overwritten(
    tmp_path: Path, make_env: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(ROOT / ".env.example", tmp_path)
    monkeypatch.setattr(make_env, "ROOT", tmp_path)
    make_env.main()
    written = (tmp_path / ".env").read_bytes()
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    with pytest.raises(SystemExit, match="already"):
        make_env.main()
    assert (tmp_path / ".env").read_bytes() == written


def test_ports_are_published_on_this_machine_only(services: dict[str, dict[str, Any]]) -> None:
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert published
    assert all(str(port).startswith("127.0.0.1:") for port in published)


def test_every_lasting_part_has_a_health_check_and_waits_for_what_it_needs(services: dict[str, dict[str, Any]]) -> None:
    assert set(services) == AIRFLOW_PARTS | {"postgres"}
    for name in set(services) - {"init"}:
        assert "healthcheck" in services[name], name
    for name in AIRFLOW_PARTS - {"init"}:
        assert services[name]["depends_on"]["init"]["condition"] == "service_completed_successfully"
        assert services[name]["user"] == "50000:0"


def test_images_are_pinned_and_run_without_rights(services: dict[str, dict[str, Any]]) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.search(r"(?m)^FROM python:3\.12\.\d+-slim-\w+$", dockerfile)
    assert re.search(r"(?m)^USER 50000:0$", dockerfile)
    assert "--require-hashes --requirement requirements.lock" in dockerfile
    assert all(re.search(r":\d+\.\d+", service["image"]) for service in services.values())


def test_the_build_sends_what_the_image_copies() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = re.findall(r"(?m)^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text())
    assert {name for names in copied for name in names.split()} == sent
    assert ".env" not in sent
