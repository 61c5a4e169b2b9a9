/** The lines of a text that may be larger than memory, and may not be text at all. */
import { MAX_LINE_BYTES } from "../../../crypto/audit/export.ts";

/** Of a longer line no more is kept: whoever reads it only has to see that it is too long. */
const MOST_KEPT = MAX_LINE_BYTES + 1;

export interface LineSplitter {
  /** @returns the lines that end in these bytes, without their newline */
  take(bytes: Uint8Array): readonly string[];
  /** @returns what follows the last newline, which is a line as well unless it is empty */
  end(): readonly string[];
}

export function createLineSplitter(): LineSplitter {
  // What is not UTF-8 becomes a character that no line of an export has; a byte order mark is one as well.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let begun = "";

  function split(text: string): readonly string[] {
    const lines = text.split("\n");
    lines[0] = cut(begun + cut(lines[0] ?? ""));
    begun = cut(lines.pop() ?? "");
    return lines.map(cut);
  }

  return {
    take: (bytes) => split(decoder.decode(bytes, { stream: true })),
    end() {
      const lines = split(decoder.decode());
      return begun === "" ? lines : [...lines, begun];
    },
  };
}

const cut = (line: string): string => (line.length > MOST_KEPT ? line.slice(0, MOST_KEPT) : line);
