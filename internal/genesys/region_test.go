package genesys

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// published are the vendor's regions, written down a second time on purpose.
var published = map[string]string{
	"us-east-1": "mypurecloud.com", "eu-west-1": "mypurecloud.ie", "ap-southeast-2": "mypurecloud.com.au",
	"ap-northeast-1": "mypurecloud.jp", "eu-central-1": "mypurecloud.de", "us-west-2": "usw2.pure.cloud",
	"ca-central-1": "cac1.pure.cloud", "ap-northeast-2": "apne2.pure.cloud", "eu-west-2": "euw2.pure.cloud",
	"ap-south-1": "aps1.pure.cloud", "us-east-2": "use2.us-gov-pure.cloud", "sa-east-1": "sae1.pure.cloud",
	"me-central-1": "mec1.pure.cloud", "ap-northeast-3": "apne3.pure.cloud", "eu-central-2": "euc2.pure.cloud",
	"mx-central-1": "mxc1.pure.cloud", "ap-southeast-1": "apse1.pure.cloud", "eusc-de-east-1": "edee1.eusc-pure.cloud",
}

func TestParseRegion(t *testing.T) {
	t.Parallel()
	for name, domain := range published {
		want := Region{Name: name, Domain: domain, LoginURL: "https://login." + domain, APIURL: "https://api." + domain}
		for _, text := range []string{name, domain, " " + strings.ToUpper(domain) + "\n"} {
			got, err := ParseRegion(text)
			if d := cmp.Diff(want, got); d != "" || err != nil {
				t.Errorf("%q: %v, -want +got:\n%s", text, err, d)
			}
		}
	}
	if got := len(RegionDomains()); got != len(published) {
		t.Errorf("%d domains are listed, want %d", got, len(published))
	}
}

func TestParseRegionRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "purecloud", "mypurecloud.com.evil.example", "login.mypurecloud.com", "https://mypurecloud.com", "mypurecloud.com/"} {
		got, err := ParseRegion(text)
		if err == nil {
			t.Errorf("%q was taken for %v", text, got)
		} else if !strings.Contains(err.Error(), "mypurecloud.de") {
			t.Errorf("%q: the error names no region to use: %v", text, err)
		}
	}
}
