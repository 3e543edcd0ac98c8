/** What somebody was told is done, and when: whoever asks later, and wants to know for certain, must be told of it, too. */
export class Known {
  private readonly marks: Array<{ readonly at: number, readonly revision: number }> = []

  constructor (private readonly now: () => number) {}

  note (revision: number): void {
    if (revision > (this.marks.at(-1)?.revision ?? 0)) this.marks.push({ at: this.now(), revision })
  }

  /** The highest revision that was told before then; what is told at the same moment may be told later. */
  before (at: number): number {
    return this.marks.findLast(mark => mark.at < at)?.revision ?? 0
  }
}
