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
	"runtime"
	"slices"
	"strings"

	"github.com/securego/gosec/v2"
	"github.com/securego/gosec/v2/analyzers"
	"github.com/securego/gosec/v2/issue"
	"github.com/securego/gosec/v2/rules"
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
	checker := gosec.NewAnalyzer(gosec.NewConfig(), withTests, skipGenerated, trackSuppressed, runtime.NumCPU(), log.New(io.Discard, "", 0))
	checker.LoadRules(rules.Generate(trackSuppressed).RulesInfo())
	checker.LoadAnalyzers(analyzers.Generate(trackSuppressed).AnalyzersInfo())
	if err := checker.Process(nil, directories...); err != nil {
		return false, err
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
	return len(found) == 0 && len(broken) == 0, nil
}
