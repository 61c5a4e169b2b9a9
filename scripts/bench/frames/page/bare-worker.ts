/** No encryption at all: what the streams and the harness cost by themselves. */
import { serve } from "./serve.ts";

void serve(async () => ({
  attach(_direction, _track, readable, writable) {
    void readable.pipeTo(writable);
  },
}));
