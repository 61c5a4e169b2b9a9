/**
 * The one way data flows: an event meets the state in a pure reducer; what the reducer wants done comes back as
 * effects; whatever an effect brings is again an event. Events that arrive while one is handled wait their turn.
 */
import { type ReadonlySignal, signal } from "@preact/signals";

export interface Step<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export type Reducer<State, Event, Effect> = (state: State, event: Event, now: number) => Step<State, Effect>;

export interface Loop<State, Event> {
  readonly state: ReadonlySignal<State>;
  readonly dispatch: (event: Event) => void;
}

/**
 * @param run does one effect; it may dispatch at any time, also synchronously
 * @param now milliseconds since 1970
 */
export function createLoop<State, Event, Effect>(
  initial: State,
  reduce: Reducer<State, Event, Effect>,
  run: (effect: Effect, dispatch: (event: Event) => void) => void,
  now: () => number,
): Loop<State, Event> {
  const state = signal(initial);
  const queue: Event[] = [];
  let busy = false;

  const dispatch = (event: Event): void => {
    queue.push(event);
    if (busy) return;
    busy = true;
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const step = reduce(state.peek(), next, now());
        state.value = step.state;
        for (const effect of step.effects) run(effect, dispatch);
      }
    } finally {
      busy = false;
    }
  };
  return { state, dispatch };
}
