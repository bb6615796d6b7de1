// Package views renders the console's pages. Its templ components display page
// structs whose values are ready to be shown; they ask and decide nothing.
//
// The *_templ.go files are generated from the *.templ files: make generate.
package views
