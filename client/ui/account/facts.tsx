/** Short facts of a row: beside each other where there is room, one below the other on a phone. */
export function Facts({ facts }: { readonly facts: readonly string[] }) {
  return (
    <p class="row-facts">
      {facts.map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
    </p>
  );
}
