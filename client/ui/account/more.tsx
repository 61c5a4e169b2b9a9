interface Props {
  readonly summary: string;
  readonly texts: readonly string[];
}

/** For the few who need it, behind a line of its own. */
export function More({ summary, texts }: Props) {
  return (
    <details class="details">
      <summary>{summary}</summary>
      <div class="prose">
        {texts.map((text) => (
          <p key={text}>{text}</p>
        ))}
      </div>
    </details>
  );
}
