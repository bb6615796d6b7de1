// Package image checks what the Dockerfile makes, as far as that goes without a container
// engine: the program it builds, run in an empty root directory by nobody in particular.
package image
