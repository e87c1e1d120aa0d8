Feature: What scanning finds new in a change is held against it

  Background:
    Given payments-api crash-loops in production after a release
    And frank and grace work for team-checkout
    And grace already proposed to roll back storefront

  @rule:change/findings
  Scenario: A check that nobody has weighed yet counts
    When policy is asked about it with a warning of a check that nobody has weighed
    Then the answer is no: "checkov found CKV_NEW_1 (warning; line 12; no fix is known)"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:change/verified
  Scenario: A scanner that is late is no scanner that found nothing
    When policy is asked about it with a scanner that didn't answer in time
    Then the answer is no: "the change couldn't be built (scan_timeout)"
    And nothing was opened, merged or spent, and nobody was told of a fix
