// Gosec looks for what is unsafe in the packages of the directories that it is given.
//
//	go build -C .ci/gosec -o ../../.cache/gosec . && .cache/gosec directory...
//
// It finds what gosec's own command finds. That command can ask language models how to mend things, and their clients take five
// minutes of CPU to compile. It is a module of its own, since the console has nothing to do with what gosec needs.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/securego/gosec/v2"
	"github.com/securego/gosec/v2/analyzers"
	"github.com/securego/gosec/v2/issue"
	"github.com/securego/gosec/v2/rules"
	"golang.org/x/tools/go/packages"
)

func main() {
	sound, err := check(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "gosec:", err)
	}
	if err != nil || !sound {
		os.Exit(1)
	}
}

// check prints what is unsafe in the packages of directories, and reports whether nothing is. Tests and generated code are left out.
func check(directories []string) (sound bool, err error) {
	const withTests, skipGenerated, trackSuppressed = false, true, false
	checker := gosec.NewAnalyzer(gosec.NewConfig(), withTests, skipGenerated, trackSuppressed, 1, log.New(io.Discard, "", 0))
	checker.LoadRules(rules.Generate(trackSuppressed).RulesInfo())
	checker.LoadAnalyzers(analyzers.Generate(trackSuppressed).AnalyzersInfo())
	// The checker's own Process loads every directory by itself, which takes four times as long in all.
	loaded, err := packages.Load(&packages.Config{Mode: gosec.LoadMode}, directories...)
	if err != nil {
		return false, err
	}
	sound = true
	for _, p := range loaded {
		for _, fault := range p.Errors {
			fmt.Println(fault)
			sound = false
		}
		checker.CheckRules(p)
		checker.CheckAnalyzers(p)
	}
	found, metrics, broken := checker.Report()
	for _, name := range slices.Sorted(maps.Keys(broken)) {
		for _, fault := range broken[name] {
			fmt.Printf("%s:%d: %s\n", name, fault.Line, fault.Err)
		}
	}
	slices.SortFunc(found, func(a, b *issue.Issue) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), strings.Compare(a.File, b.File), strings.Compare(a.Line, b.Line))
	})
	for _, one := range found {
		fmt.Printf("%s:%s: %s %s\n%s\n", one.File, one.Line, one.RuleID, one.What, one.Code)
	}
	if metrics.NumFiles == 0 {
		return false, errors.New("no file was looked at")
	}
	fmt.Printf("%d files, %d accepted findings, %d others\n", metrics.NumFiles, metrics.NumNosec, len(found))
	return sound && len(found) == 0 && len(broken) == 0, nil
}
