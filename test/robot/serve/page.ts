import { ndarray } from "../../../src/engine/array/index.ts";
import { key } from "../../../src/engine/random/index.ts";
import { policyClient, servePolicy } from "../../../src/robot/serve/index.ts";

/** What a page gets from a policy server: the actions, or the error's text. */
async function ask(url: string, apiKey?: string): Promise<unknown> {
  try {
    using client = await policyClient(url, apiKey === undefined ? {} : { apiKey });
    const observation = {
      "observation.state": ndarray(Float32Array.of(1, 2, 3, 4), [2, 2]),
      "observation.image": ndarray(new Float32Array(8), [2, 2, 2, 1]),
    };
    const { actions } = await client.predict({ observation, key: key(0) });
    return Array.from(actions.data);
  } catch (error) {
    return String(error);
  }
}

/** Pages cannot serve. */
const serve = () => servePolicy({ policy: { spec: { observation: {} } } } as never).catch(String);

Object.assign(globalThis, { advectTest: { ask, serve } });
