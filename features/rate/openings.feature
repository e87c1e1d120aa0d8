Feature: Automation opens no more pull requests in an hour than people can read

  Background:
    Given payments-api crash-loops in production after a release
    And at most 1 pull request may be opened in an hour
    And the agent already proposed to roll back payments-api

  @rule:rate/opened_pull_requests
  Scenario: One more is refused, even after the first was closed
    When somebody closes the pull request on the forge
    And the agent proposes to restart payments-api
    Then it is refused: "pull requests were opened lately, the cap is 1"
    And the refusal is on record, and the record holds
    And nothing was opened, merged or spent, and nobody was told of a fix

  Scenario: After an hour there is room again
    Given 61 minutes pass
    When somebody closes the pull request on the forge
    And the agent proposes to restart payments-api
    Then there are 0 open pull requests
    And it merged alone, and the owner was told of the fix

  Scenario: People aren't held by it
    When somebody closes the pull request on the forge
    And alice proposes to roll back payments-api
    Then there is 1 open pull request
    And nothing was merged
