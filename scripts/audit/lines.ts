import { createLineSplitter } from "../../client/audit/verify/lines.ts";

/** Lines as they come, without their newline, in lists of those that came together. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const splitter = createLineSplitter();
  for await (const chunk of chunks) yield splitter.take(chunk);
  yield splitter.end();
}
