export { loadArrays, parseArrays } from "./arrays.ts";
export { parseCsv, type Table } from "./csv.ts";
export { gunzip } from "./gunzip.ts";
