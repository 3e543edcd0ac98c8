/** The highest revision of which something was known, and when: that it is done, say, so that whoever asks later must be told of it, too. */
export class Known {
  private readonly marks: Array<{ readonly at: number, readonly revision: number }> = []

  constructor (private readonly now: () => number) {}

  note (revision: number): void {
    if (revision > (this.marks.at(-1)?.revision ?? 0)) this.marks.push({ at: this.now(), revision })
  }

  get highest (): number { return this.marks.at(-1)?.revision ?? 0 }

  /** What came at the same moment may have come later. */
  before (at: number): number {
    return this.marks.findLast(mark => mark.at < at)?.revision ?? 0
  }

  /** What came at the same moment may have come before. */
  until (at: number): number {
    return this.marks.findLast(mark => mark.at <= at)?.revision ?? 0
  }
}
