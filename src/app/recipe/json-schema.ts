import { z } from "zod";
import { recipeSchema } from "./schema.ts";

/** The JSON Schema of recipes, for editors that complete and check YAML by one. */
export function recipeJsonSchema(): object {
  return z.toJSONSchema(recipeSchema, {
    io: "input",
    override: ({ jsonSchema }) => {
      const { words, number, oneOf = [], ...rest } = jsonSchema as Shortened;
      if (!words) return;
      for (const name of Object.keys(jsonSchema)) delete jsonSchema[name as keyof typeof jsonSchema];
      const short = [{ enum: words }, ...(number ? [{ type: "number" }] : [])];
      Object.assign(jsonSchema, rest, { anyOf: [...short, ...oneOf] });
    },
  });
}

/** What `oneOf` of words.ts leaves here: an object may be written as its kind alone, or as a number. */
interface Shortened {
  readonly words?: readonly string[];
  readonly number?: boolean;
  readonly oneOf?: readonly object[];
}
