"""Asks a policy server as openpi's own client does, and checks all that it answers.

    python3 -m venv .venv && .venv/bin/pip install openpi-client==0.1.2 typing_extensions
    .venv/bin/python scripts/check-openpi-client.py ws://127.0.0.1:8000 [--api-key <key>]

Checked with openpi-client 0.1.2, unmodified: the metadata, chunks of the shape that the metadata names, the timings,
ActionChunkBroker over two chunks, image dtypes, and that an error arrives as RuntimeError. Prints one line of JSON.
"""

import argparse
import json

import numpy as np
from openpi_client.action_chunk_broker import ActionChunkBroker
from openpi_client.websocket_client_policy import WebsocketClientPolicy


def observation(spec: dict, value: float = 0.5) -> dict:
    """One frame of every feature."""
    return {name: np.full(shape, value, np.float32) for name, shape in spec["observation"].items()}


def check_chunks(policy: WebsocketClientPolicy, spec: dict) -> dict:
    shape = (spec["horizon"], len(spec["action"]))
    reply = policy.infer(observation(spec))
    assert reply["actions"].shape == shape, reply["actions"].shape
    assert reply["actions"].dtype == np.float32 and np.isfinite(reply["actions"]).all()
    assert reply["server_timing"].keys() == {"infer_ms"}
    again = policy.infer({**observation(spec), "prompt": "push the block to its goal"})
    assert again["server_timing"].keys() == {"infer_ms", "prev_total_ms"}
    for dtype in (np.float64, np.float16, np.int64, np.uint8):
        frame = {name: np.asarray(array, dtype) for name, array in observation(spec, 1).items()}
        assert policy.infer(frame)["actions"].shape == shape, dtype
    return reply


def check_broker(policy: WebsocketClientPolicy, spec: dict) -> None:
    broker = ActionChunkBroker(policy, action_horizon=spec["executeSteps"])
    for _ in range(2 * spec["executeSteps"]):
        assert broker.infer(observation(spec))["actions"].shape == (len(spec["action"]),)


def check_error(policy: WebsocketClientPolicy, spec: dict) -> str:
    """An observation of another shape ends the connection with the reason."""
    try:
        policy.infer({name: np.zeros([7, 7, 7, 7], np.float32) for name in spec["observation"]})
    except RuntimeError as error:
        return str(error)
    raise AssertionError("a wrong shape was answered")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("url")
    parser.add_argument("--api-key")
    given = parser.parse_args()
    policy = WebsocketClientPolicy(given.url, api_key=given.api_key)
    spec = policy.get_server_metadata()["advect"]["spec"]
    reply = check_chunks(policy, spec)
    check_broker(policy, spec)
    error = check_error(policy, spec)
    print(json.dumps({"actions": reply["actions"].tolist(), "error": error}))


if __name__ == "__main__":
    main()
