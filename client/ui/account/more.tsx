import type { ComponentChildren } from "preact";

interface Props {
  readonly summary: string;
  readonly texts: readonly string[];
  readonly children?: ComponentChildren;
}

/** For the few who need it, behind a line of its own. */
export function More({ summary, texts, children }: Props) {
  return (
    <details class="details">
      <summary>{summary}</summary>
      <div class="prose">
        {texts.map((text) => (
          <p key={text}>{text}</p>
        ))}
      </div>
      {children}
    </details>
  );
}
