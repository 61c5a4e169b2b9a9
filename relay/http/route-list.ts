/** What express would answer, read from express itself: the proof that no door is missing in access.ts hangs on it. */
import type { Express } from "express";
import * as v from "valibot";

const Layer = v.object({
  route: v.optional(v.object({ path: v.string(), methods: v.record(v.string(), v.boolean()) })),
  handle: v.function(),
});
const Nested = v.object({ stack: v.array(v.unknown()) });

/** Such as `GET /api/account`, routers within routers included. */
export function routesOf(app: Express): string[] {
  return layersOf(app.router.stack);
}

function layersOf(stack: readonly unknown[]): string[] {
  return stack.flatMap((layer) => {
    const { route, handle } = v.parse(Layer, layer);
    if (route) return Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`);
    const stackWithin: unknown = "stack" in handle ? handle.stack : undefined;
    const nested = v.safeParse(Nested, { stack: stackWithin });
    return nested.success ? layersOf(nested.output.stack) : [];
  });
}
