/** Work that can be left after each step and taken up again, so that whoever does it can do something else meanwhile. */
export type Steps<Result> = Generator<void, Result, void>;

/** Does all of it at once. */
export function finished<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
