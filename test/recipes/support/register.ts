/** Something outside of the group that takes writes, as a disk or another service would: it refuses a token below the highest that it has seen. */
export class Register {
  value = ''
  private highest = 0

  write (value: string, token: number): boolean {
    if (token < this.highest) return false
    this.highest = token
    this.value = value
    return true
  }
}
