import type { NdArray } from "../../../engine/array/index.ts";
import { restoreKey } from "../../../engine/random/index.ts";
import { mapTree } from "../../../engine/tensor/index.ts";
import { neuralPolicy, type PolicyModel } from "../../policy/neural-policy.ts";
import type {
  ActionChunk,
  Committed,
  Observation,
  Policy,
  PolicyRequest,
  PolicySpec,
} from "../../policy/policy.ts";
import { loadPolicy } from "../../policy/store.ts";
import { type OnnxPolicyOptions, onnxPolicy } from "./onnx-policy.ts";

/** A policy as data: a folder of `savePolicy` or of its training, an ONNX file and its spec, or what it has learned. */
export type RemoteSource =
  | { readonly folder: string }
  | { readonly onnx: OnnxPolicyOptions }
  | { readonly model: PolicyModel };

/** What is sent to the worker, and what comes back. */
export type RemoteJob =
  | { readonly kind: "open"; readonly source: RemoteSource }
  | { readonly kind: "predict"; readonly requests: readonly SentRequest[] };

export interface SentRequest {
  readonly observation: Observation;
  readonly keyWords: readonly number[];
  readonly committed?: Committed;
}

export interface RemoteAnswer {
  /** Of the policy, after "open". */
  readonly spec?: PolicySpec;
  readonly chunks: readonly ActionChunk[];
}

/** A source that can be sent: arrays that are views would take all of the memory under them along. */
export function sendable(source: RemoteSource): RemoteSource {
  if (!("model" in source)) return source;
  return {
    model: {
      ...source.model,
      params: mapTree(source.model.params, (array: NdArray) => compact(array)) as PolicyModel["params"],
    },
  };
}

export function sentRequest({ observation, key, committed }: PolicyRequest): SentRequest {
  const arrays = Object.entries(observation).map(([name, array]) => [name, compact(array)]);
  const sent = { observation: Object.fromEntries(arrays), keyWords: [...key.words] };
  return committed ? { ...sent, committed: { ...committed, actions: compact(committed.actions) } } : sent;
}

function compact<A extends NdArray>(array: A): A {
  const { data } = array;
  return data.byteLength === data.buffer.byteLength ? array : { ...array, data: data.slice() };
}

/** Does the jobs of one worker, in which one policy is open. */
export function remoteJobs(): (job: RemoteJob) => Promise<RemoteAnswer> {
  let policy: Policy | undefined;
  return async (job) => {
    if (job.kind === "open") {
      policy = await opened(job.source);
      return { spec: policy.spec, chunks: [] };
    }
    const requests = job.requests.map(({ keyWords, ...request }) => ({
      ...request,
      key: restoreKey(keyWords),
    }));
    return { chunks: await policy!.predictMany(requests) };
  };
}

function opened(source: RemoteSource): Promise<Policy> {
  if ("folder" in source) return loadPolicy(source.folder, { threads: 1 });
  return "onnx" in source ? onnxPolicy(source.onnx) : neuralPolicy(source.model, { threads: 1 });
}
