/** Columns over days. What it shows is said beside it in words, and stands below it as a table: it is for the eye alone. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ActivityDay } from "../../state/audit-model.ts";
import { shortDay, type TimeStyle } from "../words/time.ts";
import { scaleFor } from "./activity-days.ts";

interface Props {
  readonly days: readonly ActivityDay[];
  readonly heightOf: (day: ActivityDay) => number;
  readonly tone: "calm" | "attention";
  readonly label: string;
  readonly time: TimeStyle;
  readonly now: number;
}

const HEIGHT = 180;
const ABOVE = 12;
const BELOW = 28;
const LEFT = 44;
/** For one date below the columns. */
const DATE_WIDTH = 64;

export function Plot({ days, heightOf, tone, label, time, now }: Props) {
  const figure = useRef<HTMLDivElement>(null);
  const width = useWidth(figure);
  const top = scaleFor(Math.max(1, ...days.map(heightOf)));
  const step = (width - LEFT) / Math.max(1, days.length);
  const bar = Math.max(1, Math.min(28, step * 0.7));
  const y = (value: number) => ABOVE + (HEIGHT - ABOVE - BELOW) * (1 - value / top);
  const every = Math.max(1, Math.ceil(DATE_WIDTH / step));
  return (
    <div class={`plot plot-${tone}`} ref={figure}>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} width={width} height={HEIGHT} role="img" aria-label={label}>
        {[0, 1, 2, 3, 4].map((line) => {
          const value = (top / 4) * line;
          return (
            <g key={line}>
              <line class="plot-line" x1={LEFT} x2={width} y1={y(value)} y2={y(value)} />
              <text class="plot-text" x={LEFT - 8} y={y(value) + 4} text-anchor="end">
                {value.toLocaleString(time.locale)}
              </text>
            </g>
          );
        })}
        {days.map((day, index) => {
          const value = heightOf(day);
          const x = LEFT + step * index + (step - bar) / 2;
          // From today backwards, so that the last day always has its date.
          const dated = (days.length - 1 - index) % every === 0;
          return (
            <g key={day.day}>
              {value === 0 ? null : (
                <rect
                  class="plot-bar"
                  x={x}
                  y={y(value)}
                  width={bar}
                  height={y(0) - y(value)}
                  rx={Math.min(3, bar / 3)}
                />
              )}
              {dated ? (
                <text
                  class="plot-text"
                  x={Math.min(x + bar / 2, width - DATE_WIDTH / 2 + 12)}
                  y={HEIGHT - 8}
                  text-anchor="middle"
                >
                  {shortDay(day.day, now, time)}
                </text>
              ) : null}
            </g>
          );
        })}
      </svg>
    </div>
  );
}

function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(640);
  useLayoutEffect(() => {
    if (element.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.max(240, Math.floor(entry.contentRect.width)));
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return width;
}
