Feature: An approval and a decision have their time

  Background:
    Given payments-api crash-loops in production after a release
    And the agent already proposed to roll back payments-api

  @rule:receipt/expired
  Scenario: A decision that nobody approved in time lapses
    Given 241 minutes pass
    When alice approves it
    Then it ended as expired
    And nothing was merged
    And no branch is left
    And no budget is held any more
    And nobody was told of a fix

  Scenario: Within its time it stands
    Given 200 minutes pass
    When alice approves it
    And bob approves it
    Then it merged
