// Builds .venv, the Python that the benches compare advect with:  npm run bench:setup
// Debian's torch on the reference BLAS would be no peer: OpenBLAS is then unpacked into .venv-openblas, for it alone.
// PyTorch's own index has CPU builds (200 MB); where it cannot be reached, PyPI's build brings CUDA libraries along (3 GB).
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const venv = join(root, ".venv");
const python = join(venv, "bin", "python");
const requirements = join(root, "bench", "peers", "requirements.txt");
const cpuIndex = "https://download.pytorch.org/whl/cpu";
const report =
  "import torch, platform; print(f'torch {torch.__version__}, Python {platform.python_version()}')";

if (!existsSync(python)) run(baseInterpreter(), ["-m", "venv", venv]);
const index = (await reachable(cpuIndex)) ? ["--extra-index-url", cpuIndex] : [];
run(python, ["-m", "pip", "install", "--disable-pip-version-check", ...index, "-r", requirements]);
unpackOpenblas();
console.log(`.venv: ${describe(python)}`);
console.log(`Debian (apt install python3-torch): ${describe("/usr/bin/python3")}`);

function unpackOpenblas() {
  const system = spawnSync("sh", ["-c", "readlink -f /usr/lib/*/libblas.so.3"], { encoding: "utf8" }).stdout;
  const folder = join(root, ".venv-openblas");
  if (!system.includes("/usr/lib") || system.includes("openblas") || existsSync(join(folder, "usr"))) return;
  const steps = "apt-get download libopenblas0-pthread && dpkg-deb --extract libopenblas0-pthread_*.deb .";
  mkdirSync(folder, { recursive: true });
  const { status } = spawnSync("sh", ["-c", steps], { cwd: folder, stdio: "inherit" });
  if (status !== 0)
    console.error("bench:setup: no OpenBLAS for Debian's torch; install libopenblas0-pthread.");
}

/** The first interpreter that can build an environment; Debian's needs the package python3-venv. */
function baseInterpreter() {
  const candidates = [process.env.ADVECT_PYTHON, "python3", "/usr/bin/python3"].filter(Boolean);
  const found = candidates.find((name) => spawnSync(name, ["-c", "import venv, ensurepip"]).status === 0);
  if (found) return found;
  console.error(
    `bench:setup: none of ${candidates.join(", ")} has venv and ensurepip. Install python3-venv.`,
  );
  process.exit(1);
}

async function reachable(url) {
  try {
    return (await fetch(`${url}/torch/`, { method: "HEAD", signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

function run(command, args) {
  console.log([command, ...args].join(" "));
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

function describe(interpreter) {
  const { status, stdout } = spawnSync(interpreter, ["-c", report], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : "no torch found";
}
