export { type EpisodeRecorderOptions, episodeTicks } from "./episodes.ts";
export { type JsonlOptions, type JsonlRecorder, jsonlRecorder, parseTicks, type TickLine } from "./jsonl.ts";
