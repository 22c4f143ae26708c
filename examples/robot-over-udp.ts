// A robot in another process, driven over UDP at 50 Hz; then it is switched off, and the loop stops by its own rules.
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { key, type NdArray, ndarray } from "advect/engine";
import { controlLoop, type Policy, type PolicySpec, type Robot, systemTimer } from "advect/robot";

/** The robot knows nothing of advect: it goes where a packet says, and tells where it is when asked. */
const robotProgram = `
  const socket = require("node:dgram").createSocket("udp4");
  let position = [0, 0];
  socket.on("message", (text, from) => {
    const { command, stop } = JSON.parse(text);
    if (stop) process.exit();
    else if (command) position = command;
    else socket.send(JSON.stringify(position), from.port);
  });
  socket.bind(0, "127.0.0.1", () => console.log(socket.address().port));`;
const child = spawn(process.execPath, ["--eval", robotProgram], { stdio: ["ignore", "pipe", "inherit"] });
const port = Number((await once(child.stdout, "data"))[0]);
const socket = createSocket("udp4");
const send = (message: object) => socket.send(JSON.stringify(message), port, "127.0.0.1");

type Frame = { readonly position: NdArray };
let answer = (_: Frame) => {};
socket.on("message", (text) => answer({ position: ndarray(Float32Array.from(JSON.parse(`${text}`)), [2]) }));
let commanded: number[] = [];
const robot: Robot<Frame> = {
  observe: () => new Promise((resolve) => [(answer = resolve), send({})]),
  act: ({ data }) => send({ command: (commanded = [...data]) }),
  stop: () => send({ stop: true }),
};

const joint = { kind: "position", unit: "rad", low: -2, high: 2, maxRate: 2, maxAcceleration: 8 } as const;
const spec: PolicySpec = {
  ...{ name: "reach", observation: { position: [2] }, obsHorizon: 1, horizon: 16, executeSteps: 8 },
  stepSeconds: 0.02,
  action: ["shoulder", "elbow"].map((name) => ({ name, ...joint })),
};
/** Stands for a trained policy: straight to the target, which the limiter turns into a motion that the joints can make. */
const target = [1, -0.5];
const predict: Policy["predict"] = async () => {
  const rows = Array.from({ length: spec.horizon }, () => target).flat();
  return { actions: ndarray(Float32Array.from(rows), [spec.horizon, 2]), nfe: 0 };
};

const run = { robot, policy: { spec, predict }, timer: systemTimer(), key: key("udp") };
const loop = { ...run, mode: "asynchronous", positionOf: ({ position }: Frame) => position.data } as const;
const driven = await controlLoop({ ...loop, maxSteps: 100 });
const { ticks, events, lateness } = driven.statistics;
console.log(
  `${driven.status}: ${ticks.playing} ticks of a chunk, ${events.clamp} limited, p99 ${lateness.p99Ms.toFixed(2)} ms late`,
);
console.log(`commanded ${commanded.map((value) => value.toFixed(3))}, wanted ${target}`);
const alone = await controlLoop({ ...loop, maxHoldSteps: 10 });
console.log(
  `switched off: ${alone.status} after ${alone.steps} ticks, ${alone.statistics.events.observation} observations missing`,
);
socket.close();
