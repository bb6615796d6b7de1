package config

import "bytes"

// patterned reports whether a key has too little randomness: few different bytes,
// one byte many times, repetition, counting, or readable text. Typed or truncated
// keys are like that, and fewer than one random key in 10^9.
func patterned(key []byte) bool {
	seen, steps := map[byte]int{}, map[byte]int{}
	often, even, printable, high := 0, 0, 0, 0
	for i, b := range key {
		seen[b]++
		often = max(often, seen[b])
		if i > 0 {
			step := b - key[i-1]
			steps[step]++
			even = max(even, steps[step])
		}
		if b >= ' ' && b <= '~' {
			printable++
		}
		if b >= 0x80 {
			high++
		}
	}
	return len(seen) < 16 || often > 7 || even > 9 || printable > 29 || high == 0 ||
		repeats(key) || bytes.Contains(key, []byte("example"))
}

// repeats reports whether a key consists of repetitions of its beginning.
func repeats(key []byte) bool {
	for period := 1; period <= len(key)/2; period++ {
		if bytes.Equal(key[period:], key[:len(key)-period]) {
			return true
		}
	}
	return false
}
