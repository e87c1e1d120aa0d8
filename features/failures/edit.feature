Feature: An edit that isn't what it should be is answered with no

  Background:
    Given payments-api crash-loops in production after a release
    And frank and grace work for team-checkout
    And grace already proposed to roll back storefront

  @rule:change/findings
  Scenario: A scanner finds something new in it
    When policy is asked about it with a critical finding of a scanner
    Then the answer is no: "scanner found runs as root (critical; no line is known; no fix is known)"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:change/outside_tree
  Scenario: It leaves the tree that the gate may write
    When policy is asked about it with an edit outside the permitted tree
    Then the answer is no: "outside the permitted tree"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:change/verified
  Scenario: Rendered, it makes something else
    When policy is asked about it with an edit that renders to something else
    Then the answer is no: "isn't exactly what the action asks for"
    And nothing was opened, merged or spent, and nobody was told of a fix
