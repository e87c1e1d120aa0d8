Feature: Automation waits: after itself, after a no, and for those who review

  Background:
    Given payments-api crash-loops in production after a release

  @rule:rate/cooldown
  Scenario: Not the same again at once
    Given the agent already proposed to restart payments-api
    When the agent proposes to restart payments-api
    Then it is refused: "the same action was merged"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: The same again after the wait
    Given the agent already proposed to restart payments-api
    And 6 minutes pass
    When the agent proposes to restart payments-api
    Then it merged alone, and the owner was told of the fix

  @rule:rate/one_at_a_time
  Scenario: One proposal on a target at a time
    Given alice already proposed to roll back payments-api
    When the agent proposes to restart payments-api
    Then it is refused: "other proposals on this target are under way"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:rate/open_pull_requests
  Scenario: People are not buried in pull requests
    Given at most 1 pull request may wait
    And ledger-worker crash-loops as well
    And the agent already proposed to roll back payments-api
    When the agent proposes to restart ledger-worker
    Then it is refused: "pull requests wait already"
    And there is 1 open pull request
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:rate/rejected_cooldown
  Scenario: What people rejected isn't made again
    Given the agent already proposed to roll back payments-api
    And alice rejected it
    And 60 minutes pass
    When the agent proposes to roll back payments-api
    Then it is refused: "people rejected the same action"
    And nothing was opened, merged or spent, and nobody was told of a fix

  @rule:rate/rejected_cooldown
  Scenario: The runbook says how long what was rejected is left alone
    Given the runbook of this crash leaves alone for 30 minutes what people rejected
    And the agent already proposed to roll back payments-api
    And alice rejected it
    And 29 minutes pass
    When the agent proposes to roll back payments-api
    Then it is refused: "it waits 1800 s"
    And nothing was opened, merged or spent, and nobody was told of a fix
    When 2 minutes pass
    And the agent proposes to roll back payments-api
    Then it waits for two people of team:team-payments
    And nothing was merged
