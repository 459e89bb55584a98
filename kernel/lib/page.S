# page.S - fill and copy one page, in the fewest instructions: what a page
# fault, a fork and a write to a file spend most of their time on.

  .text

  # void page_zero(void *page)
  .globl page_zero
  .balign 4
page_zero:
  li t0, 4096
  add t0, a0, t0
1:
  .set off, 0
  .rept 32
  sd zero, off(a0)
  .set off, off + 8
  .endr
  addi a0, a0, 256
  bne a0, t0, 1b
  ret

  # void page_copy(void *dst, const void *src)
  .globl page_copy
  .balign 4
page_copy:
  li t0, 4096
  add t0, a0, t0
1:
  .set off, 0
  .rept 4
  ld a2, off(a1)
  ld a3, off + 8(a1)
  ld a4, off + 16(a1)
  ld a5, off + 24(a1)
  ld a6, off + 32(a1)
  ld a7, off + 40(a1)
  ld t1, off + 48(a1)
  ld t2, off + 56(a1)
  sd a2, off(a0)
  sd a3, off + 8(a0)
  sd a4, off + 16(a0)
  sd a5, off + 24(a0)
  sd a6, off + 32(a0)
  sd a7, off + 40(a0)
  sd t1, off + 48(a0)
  sd t2, off + 56(a0)
  .set off, off + 64
  .endr
  addi a0, a0, 256
  addi a1, a1, 256
  bne a0, t0, 1b
  ret
