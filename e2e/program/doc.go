// Package program builds the console and runs it for the tests in e2e, just as a person
// would: the built program with --demo on free ports, known by what it prints, stopped by
// a signal. It also speaks the back door of the emulator beside it.
package program
