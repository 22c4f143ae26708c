"""Opens data sets that advect wrote in lerobot itself and compares every value with the files.

    python3.11 -m venv .venv-lerobot && .venv-lerobot/bin/pip install "lerobot==0.4.*"
    .venv-lerobot/bin/python scripts/check-lerobot.py <folder> [<folder> ...]

Checked with lerobot 0.4.4: the length, every frame of every feature, tasks, delta_timestamps with their padding masks
at both ends of every episode, the statistics, a torch DataLoader, and one frame of every video.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import pyarrow.parquet as pq
import torch
from lerobot.datasets.lerobot_dataset import LeRobotDataset


def check(folder: Path) -> str:
    info = json.loads((folder / "meta/info.json").read_text())
    videos = [key for key, feature in info["features"].items() if feature["dtype"] == "video"]
    numbers = [
        key
        for key, feature in info["features"].items()
        if feature["dtype"] not in ("video", "image", "string")
    ]
    data = LeRobotDataset(folder.name, root=folder)
    assert len(data) == info["total_frames"], (len(data), info["total_frames"])
    assert data.num_episodes == info["total_episodes"]
    assert set(data.meta.stats) >= set(numbers), "statistics"

    table = read_table(folder)
    ends = check_frames(data, table, numbers)
    check_windows(data, table, ends)
    if not videos:
        loader = torch.utils.data.DataLoader(data, batch_size=4, shuffle=True)
        batch = next(iter(loader))
        assert all(len(batch[key]) == min(4, len(data)) for key in numbers)
    for key in videos:
        image = data[len(data) // 2][key]
        assert image.shape[0] == 3 and 0 <= image.min() and image.max() <= 1, key
    return f"{folder}: {len(data)} frames, {data.num_episodes} episodes, {len(numbers)} features, {len(videos)} videos"


def read_table(folder: Path) -> dict:
    files = sorted(folder.glob("data/*/*.parquet"))
    parts = [pq.read_table(file) for file in files]
    return {name: sum((part[name].to_pylist() for part in parts), []) for name in parts[0].column_names}


def check_frames(data: LeRobotDataset, table: dict, numbers: list) -> list:
    plain = data.hf_dataset.with_format("arrow")[:]  # other formats round float64 to float32
    for key in numbers:
        np.testing.assert_array_equal(
            np.array(plain[key].to_pylist()).reshape(len(data), -1),
            np.array(table[key]).reshape(len(data), -1),
            err_msg=key,
        )
    starts = list(data.meta.episodes["dataset_from_index"])
    ends = list(data.meta.episodes["dataset_to_index"])
    assert starts == [0, *ends[:-1]] and ends[-1] == len(data)
    for episode, (start, end) in enumerate(zip(starts, ends)):
        assert set(table["episode_index"][start:end]) == {episode}
        assert table["frame_index"][start:end] == list(range(end - start))
        if not data.meta.video_keys:
            assert data[start]["task"] in data.meta.episodes[episode]["tasks"]
    return ends


def check_windows(data: LeRobotDataset, table: dict, ends: list) -> None:
    """One step back and two ahead: clamped to the episode, and marked where they are."""
    keys = [key for key in ("action", "observation.state") if key in table]
    deltas = {key: [step / data.fps for step in (-1, 0, 2)] for key in keys}
    windowed = LeRobotDataset(data.repo_id, root=data.root, delta_timestamps=deltas)
    windowed.meta.info["features"] = {
        key: value for key, value in windowed.meta.info["features"].items() if value["dtype"] != "video"
    }
    starts = [0, *ends[:-1]]
    for start, end in list(zip(starts, ends))[:20]:
        for row in {start, end - 1}:
            item = windowed[row]
            for key in keys:
                wanted = [row - 1, row, row + 2]
                clamped = [min(max(step, start), end - 1) for step in wanted]
                expected = np.array([table[key][step] for step in clamped], dtype=np.float64)
                found = item[key].numpy().astype(np.float64)
                np.testing.assert_allclose(found.reshape(expected.shape), expected, rtol=1e-6)
                pads = [step != inside for step, inside in zip(wanted, clamped)]
                assert item[f"{key}_is_pad"].tolist() == pads


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for name in sys.argv[1:]:
        print(check(Path(name)))
